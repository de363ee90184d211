#include "collector/expiry/expiry_query.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "common/duration.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

constexpr size_t kShown = 80;

absl::Status wrong(std::string_view parameter, std::string_view value, std::string_view wanted) {
  return absl::InvalidArgumentError(
      fmt::format("the parameter {} is {}, not '{}'", parameter, wanted, printable(value, kShown)));
}

class QueryReader {
 public:
  QueryReader(TimePoint now, std::optional<ExpiryFormat> format) : format_(format) {
    query_.now = now;
    query_.until = now + kUsualWithin;
    query_.format = format.value_or(ExpiryFormat::kJson);
  }

  absl::Status take(const std::string& name, const std::string& value) {
    if (name == "kind") return take_kind(value);
    if (name == "owner") return take_owner(value);
    if (name == "label") return take_label(value);
    if (!seen_.insert(name).second) {
      return absl::InvalidArgumentError(
          fmt::format("the parameter {} comes twice", printable(name, kShown)));
    }
    if (name == "within") return take_within(value);
    if (name == "after") return take_after(value);
    if (name == "format" && !format_) return take_format(value);
    return absl::InvalidArgumentError(
        fmt::format("there is no parameter '{}' here: there are within, after, kind, owner, "
                    "label{}",
                    printable(name, kShown), format_ ? "" : " and format"));
  }

  ExpiryQuery finish() {
    if (!kinds_.empty()) {
      query_.kinds = kinds_;
    } else if (query_.format == ExpiryFormat::kCalendar) {
      query_.kinds.remove(v1::EXPIRY_KIND_AGENT_CERTIFICATE);
    }
    return std::move(query_);
  }

 private:
  absl::Status take_within(const std::string& value) {
    const absl::StatusOr<Duration> within = parse_duration(value);
    if (!within.ok()) return wrong("within", value, "a duration to 3653d, like 90d or 2w");
    query_.until = query_.now + *within;
    return absl::OkStatus();
  }

  absl::Status take_after(const std::string& value) {
    query_.after = value == "now" ? query_.now : parse_iso_date(value);
    if (!query_.after) query_.after = parse_iso8601(value);
    if (query_.after) return absl::OkStatus();
    return wrong("after", value, "now, a date like 2026-11-21 or a time like 2026-11-21T20:58:43Z");
  }

  absl::Status take_kind(const std::string& value) {
    const ExpiryKindRow* const row = find_expiry_kind(value);
    if (row == nullptr) {
      std::vector<std::string_view> known;
      for (const ExpiryKindRow& one : all_expiry_kinds())
        known.push_back(one.name);
      return wrong("kind", value, fmt::format("one of {}", fmt::join(known, ", ")));
    }
    kinds_.add(row->kind);
    return absl::OkStatus();
  }

  absl::Status take_owner(const std::string& value) {
    query_.owners.insert(value);
    return absl::OkStatus();
  }

  absl::Status take_label(const std::string& value) {
    const size_t equals = value.find('=');
    if (equals == std::string::npos || equals == 0) {
      return wrong("label", value, "NAME=VALUE, like role=web");
    }
    query_.labels[value.substr(0, equals)].insert(value.substr(equals + 1));
    return absl::OkStatus();
  }

  absl::Status take_format(const std::string& value) {
    if (value == "json") {
      query_.format = ExpiryFormat::kJson;
    } else if (value == "ics") {
      query_.format = ExpiryFormat::kCalendar;
    } else if (value == "csv") {
      query_.format = ExpiryFormat::kCsv;
    } else {
      return wrong("format", value, "json, ics or csv");
    }
    return absl::OkStatus();
  }

  const std::optional<ExpiryFormat> format_;
  ExpiryQuery query_;
  ExpiryKinds kinds_;
  std::set<std::string> seen_;
};

}  // namespace

bool ExpiryQuery::wants(std::string_view owner, const Labels& of) const {
  if (!owners.empty() && !owners.contains(owner)) return false;
  return std::all_of(labels.begin(), labels.end(), [&of](const auto& wanted) {
    const auto label = of.find(wanted.first);
    return label != of.end() && wanted.second.contains(label->second);
  });
}

absl::StatusOr<ExpiryQuery> parse_expiry_query(
    const std::vector<std::pair<std::string, std::string>>& parameters, TimePoint now,
    std::optional<ExpiryFormat> format) {
  QueryReader reader(now, format);
  for (const auto& [name, value] : parameters) {
    if (absl::Status status = reader.take(name, value); !status.ok()) return status;
  }
  return reader.finish();
}

}  // namespace muster::collector
