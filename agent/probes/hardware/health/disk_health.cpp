#include "agent/probes/hardware/health/disk_health.h"

#include "agent/probes/firmware/answered/answer_complaint.h"
#include "agent/probes/firmware/answered/notes.h"
#include "agent/probes/firmware/disks/ata_registers.h"
#include "agent/probes/firmware/disks/sense.h"
#include "agent/probes/firmware/disks/warnings.h"
#include "agent/probes/firmware/nvme/health_log.h"
#include "agent/probes/hardware/health/solid_state.h"

namespace muster::hardware {
namespace {

using answers::Answer;
using answers::Outcome;

std::string text_of(const absl::Status& status) {
  return std::string(status.message().data(), status.message().size());
}

// Whether the device said that it has no such thing (sense key 5, illegal request).
bool has_no_such_thing(const Answer& answer) {
  if (answer.outcome != Outcome::kAnswered || answer.status == 0) return false;
  const auto sense = firmware::parse_sense(answer.error_text);
  return sense.ok() && sense->key == 0x05;
}

// Each adds what was told, and says why it was not; empty: it was, or there is no such thing.

std::string add_nvme_health(const probe::HostAnswers& answers, const std::string& name,
                            v1::Disk& disk) {
  std::string_view bytes;
  std::string complaint = firmware::take_answer(answers, name + "/health", bytes);
  if (!complaint.empty()) return complaint;
  absl::StatusOr<nvme::HealthLog> log = nvme::parse_health_log(bytes);
  if (!log.ok()) return text_of(log.status());
  v1::DiskHealth& health = *disk.mutable_health();
  const uint8_t critical = log->critical & static_cast<uint8_t>(~nvme::kTemperatureWarning);
  health.set_predicts_failure(critical != 0);
  if (critical != log->critical) log->warnings.erase(log->warnings.begin() + (critical & 1));
  health.mutable_warnings()->Assign(log->warnings.begin(), log->warnings.end());
  health.set_percent_used(log->percentage_used);
  if (log->spare && log->spare_threshold) health.set_spare_low(*log->spare < *log->spare_threshold);
  health.set_media_errors(log->media_errors);
  return {};
}

// The registers come as sense data, whose status is no refusal.
std::string add_smart_status(const probe::HostAnswers& answers, const std::string& question,
                             v1::Disk& disk) {
  const Answer& answer = *answers.find(question);
  std::string_view ignored;
  if (answer.outcome != Outcome::kAnswered)
    return firmware::take_answer(answers, question, ignored);
  if (has_no_such_thing(answer)) return {};
  const auto status = firmware::parse_smart_status(answer.error_text);
  // A disk on which SMART is off refuses.
  if (absl::IsFailedPrecondition(status.status())) return {};
  if (!status.ok()) return text_of(status.status());
  const bool fails = *status == firmware::SmartStatus::kFailurePredicted;
  disk.mutable_health()->set_predicts_failure(fails);
  if (fails) disk.mutable_health()->add_warnings("its SMART status is that it fails");
  return {};
}

// Whatever is no such page is of a disk without it.
void add_percent_used(const probe::HostAnswers& answers, const std::string& question,
                      v1::Disk& disk) {
  std::string_view page;
  if (!firmware::take_answer(answers, question, page).empty()) return;
  const auto percent = parse_percent_used(page);
  if (percent.ok() && *percent) disk.mutable_health()->set_percent_used(**percent);
}

std::string add_warnings(const probe::HostAnswers& answers, const std::string& question,
                         v1::Disk& disk) {
  std::string_view page;
  const Answer* const answer = answers.find(question);
  if (answer != nullptr && has_no_such_thing(*answer)) return {};
  const std::string complaint = firmware::take_answer(answers, question, page);
  if (!complaint.empty()) return complaint;
  const auto warning = firmware::parse_disk_warning(page);
  if (!warning.ok()) return text_of(warning.status());
  v1::DiskHealth& health = *disk.mutable_health();
  health.set_predicts_failure(warning->predicts_failure);
  if (!warning->words.empty()) health.add_warnings(warning->words);
  return {};
}

}  // namespace

void add_health(const probe::HostAnswers& answers, std::vector<FoundDisk>& disks,
                MachineFiles& files) {
  firmware::Notes notes;
  for (FoundDisk& found : disks) {
    v1::Disk& disk = found.disk;
    const std::string& name = found.asked_as;
    if (name.empty() || disk.transport() == v1::DISK_TRANSPORT_VIRTUAL) continue;
    std::string complaint;
    if (name.starts_with("nvme")) {
      complaint = add_nvme_health(answers, name, disk);
    } else if (const std::string status = name + "/smart-status"; answers.find(status) != nullptr) {
      complaint = add_smart_status(answers, status, disk);
      add_percent_used(answers, name + "/solid-state", disk);
    } else {
      complaint = add_warnings(answers, name + "/warnings", disk);
    }
    notes.add("/dev/" + disk.name(), complaint);
  }
  firmware::Found found;
  notes.take_to(found);
  for (const v1::UnreadableSource& note : found.unreadable)
    files.note(note.path(), note.error());
}

}  // namespace muster::hardware
