#include "collector/store/section_rows.h"

#include <utility>

#include "collector/store/columns.h"

namespace muster::collector {
namespace {

std::string encode_measurements(const SectionState& state) {
  v1::Section section;
  section.mutable_measurements()->Assign(state.measurements.begin(), state.measurements.end());
  return section.SerializeAsString();
}

absl::StatusOr<std::vector<v1::Measurement>> decode_measurements(const std::string& bytes) {
  v1::Section section;
  if (!section.ParseFromString(bytes)) {
    return absl::DataLossError("the store has measurements that are damaged");
  }
  return std::vector<v1::Measurement>(section.measurements().begin(), section.measurements().end());
}

}  // namespace

const OwnedRows host_rows = {
    .has_entities = true,
    .write_section =
        "INSERT INTO section (host_id, entity, probe, sequence, outcome, reason, looked_at,"
        " observed_at, facts_type, digest, measurements, facts)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (host_id, entity, probe) DO UPDATE SET sequence = excluded.sequence,"
        " outcome = excluded.outcome, reason = excluded.reason, looked_at = excluded.looked_at,"
        " observed_at = excluded.observed_at, facts_type = excluded.facts_type,"
        " digest = excluded.digest, measurements = excluded.measurements, facts = excluded.facts"
        " WHERE excluded.sequence >= section.sequence",
    .write_section_times =
        "UPDATE section SET looked_at = ?, observed_at = ?, measurements = ?"
        " WHERE host_id = ? AND entity = ? AND probe = ? AND sequence = ?",
    .reset_sequences = "UPDATE section SET sequence = 0 WHERE host_id = ?",
    .read_sections =
        "SELECT host_id, entity, probe, sequence, outcome, reason, looked_at, observed_at,"
        " facts_type, digest, measurements, facts FROM section ORDER BY host_id, entity, probe",
    .forget_memory = "DELETE FROM first_seen WHERE host_id = ?",
    .write_memory =
        "INSERT INTO first_seen (host_id, entity, control, subject, since)"
        " VALUES (?, ?, ?, ?, ?)",
    .read_memory = "SELECT host_id, entity, control, subject, since FROM first_seen"};

const OwnedRows target_rows = {
    .has_entities = false,
    .write_section =
        "INSERT INTO target_section (target_id, entity, probe, sequence, outcome, reason,"
        " looked_at, observed_at, facts_type, digest, measurements, facts)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (target_id, entity, probe) DO UPDATE SET sequence = excluded.sequence,"
        " outcome = excluded.outcome, reason = excluded.reason, looked_at = excluded.looked_at,"
        " observed_at = excluded.observed_at, facts_type = excluded.facts_type,"
        " digest = excluded.digest, measurements = excluded.measurements, facts = excluded.facts"
        " WHERE excluded.sequence >= target_section.sequence",
    .write_section_times =
        "UPDATE target_section SET looked_at = ?, observed_at = ?, measurements = ?"
        " WHERE target_id = ? AND entity = ? AND probe = ? AND sequence = ?",
    .reset_sequences = "UPDATE target_section SET sequence = 0 WHERE target_id = ?",
    .read_sections =
        "SELECT target_id, entity, probe, sequence, outcome, reason, looked_at, observed_at,"
        " facts_type, digest, measurements, facts FROM target_section"
        " ORDER BY target_id, entity, probe",
    .forget_memory = "DELETE FROM target_first_seen WHERE target_id = ?",
    .write_memory =
        "INSERT INTO target_first_seen (target_id, entity, control, subject, since)"
        " VALUES (?, ?, ?, ?, ?)",
    .read_memory = "SELECT target_id, entity, control, subject, since FROM target_first_seen"};

absl::Status write_section(Database& database, const OwnedRows& rows, const std::string& owner,
                           const SectionRecord& section) {
  const SectionState& state = section.state;
  const std::string measurements = encode_measurements(state);
  return database.prepare(rows.write_section)
      .text(owner)
      .text(rows.has_entities ? std::string_view(state.entity) : "")
      .text(state.probe)
      .unsigned_integer(section.sequence)
      .integer(state.outcome)
      .text(state.reason)
      .integer(to_column(state.looked_at))
      .integer(to_column(state.observed_at))
      .text(state.facts_type)
      .blob(state.digest)
      .blob(measurements)
      .blob(state.facts)
      .run();
}

absl::Status write_section_times(Database& database, const OwnedRows& rows,
                                 const std::string& owner,
                                 const std::vector<SectionRecord>& sections) {
  for (const SectionRecord& section : sections) {
    const std::string measurements = encode_measurements(section.state);
    const absl::Status status =
        database.prepare(rows.write_section_times)
            .integer(to_column(section.state.looked_at))
            .integer(to_column(section.state.observed_at))
            .blob(measurements)
            .text(owner)
            .text(rows.has_entities ? std::string_view(section.state.entity) : "")
            .text(section.state.probe)
            .unsigned_integer(section.sequence)
            .run();
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status reset_sequences(Database& database, const OwnedRows& rows, const std::string& owner) {
  return database.prepare(rows.reset_sequences).text(owner).run();
}

absl::Status replace_memory(Database& database, const OwnedRows& rows, const std::string& owner,
                            const policy::FirstSeen& memory) {
  absl::Status status = database.prepare(rows.forget_memory).text(owner).run();
  for (const auto& [key, since] : memory) {
    if (!status.ok()) return status;
    status = database.prepare(rows.write_memory)
                 .text(owner)
                 .text(key.entity)
                 .text(key.control)
                 .text(key.subject)
                 .integer(to_column(since))
                 .run();
  }
  return status;
}

absl::Status read_sections(Database& database, const OwnedRows& rows,
                           const std::function<void(const std::string&, SectionRecord)>& add) {
  Statement row = database.prepare(rows.read_sections);
  return for_each_row(row, [&row, &add]() -> absl::Status {
    SectionRecord record;
    record.state.entity = row.column_text(1);
    record.state.probe = row.column_text(2);
    record.sequence = row.column_unsigned(3);
    record.state.outcome = static_cast<v1::Outcome>(row.column_integer(4));
    record.state.reason = row.column_text(5);
    record.state.looked_at = from_column(row.column_integer(6));
    record.state.observed_at = from_column(row.column_integer(7));
    record.state.facts_type = row.column_text(8);
    record.state.digest = row.column_text(9);
    absl::StatusOr<std::vector<v1::Measurement>> measurements =
        decode_measurements(row.column_text(10));
    if (!measurements.ok()) return measurements.status();
    record.state.measurements = *std::move(measurements);
    record.state.facts = row.column_text(11);
    add(row.column_text(0), std::move(record));
    return absl::OkStatus();
  });
}

absl::Status read_memories(
    Database& database, const OwnedRows& rows,
    const std::function<void(const std::string&, policy::SubjectKey, TimePoint)>& add) {
  Statement row = database.prepare(rows.read_memory);
  return for_each_row(row, [&row, &add] {
    add(row.column_text(0), {row.column_text(1), row.column_text(2), row.column_text(3)},
        from_column(row.column_integer(4)));
    return absl::OkStatus();
  });
}

}  // namespace muster::collector
