#include "common/labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "common/text.h"

namespace muster {
namespace {

bool is_label_name(std::string_view name) {
  if (name.empty() || name.size() > kLabelNameLimit || name.starts_with("__")) return false;
  if (std::isdigit(static_cast<unsigned char>(name.front())) != 0) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  });
}

}  // namespace

absl::Status check_label(std::string_view name, std::string_view value) {
  if (!is_label_name(name)) {
    return absl::InvalidArgumentError(
        fmt::format("\"{}\" is not a label name: letters, digits and '_', not beginning with a "
                    "digit or two '_', at most {}",
                    printable(name, 100), kLabelNameLimit));
  }
  if (value.size() > kLabelValueLimit || !is_valid_utf8(value)) {
    return absl::InvalidArgumentError(fmt::format(
        "the value of the label {} must be UTF-8 of at most {} bytes", name, kLabelValueLimit));
  }
  return absl::OkStatus();
}

absl::Status check_labels(const Labels& labels, std::string_view whose) {
  if (labels.size() > kMostLabels) {
    return absl::InvalidArgumentError(fmt::format("{} has at most {} labels", whose, kMostLabels));
  }
  for (const auto& [name, value] : labels) {
    if (absl::Status status = check_label(name, value); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace muster
