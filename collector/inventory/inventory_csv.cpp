#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "collector/inventory/csv_reader.h"
#include "collector/inventory/inventory_builder.h"
#include "collector/inventory/inventory_parsers.h"
#include "collector/sources/source_text.h"
#include "common/text.h"

namespace muster::collector {
namespace {

// What spreadsheets put in front of UTF-8.
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

class CsvInventory {
 public:
  CsvInventory(std::string_view text, std::string_view name) : text_(text), name_(name) {}

  absl::StatusOr<Inventory> parse() {
    const size_t mark = text_.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
    base_ = mark;
    CsvReader reader(text_.substr(mark));
    std::vector<CsvField> fields;
    if (reader.next(fields)) {
      if (absl::Status status = take_header(fields); !status.ok()) return status;
    } else if (reader.status().ok()) {
      return complaint(0, "it is empty: its first line names the columns, as in host,site,role");
    }
    while (reader.next(fields)) {
      if (absl::Status status = take_host(fields); !status.ok()) return status;
    }
    if (!reader.status().ok()) return complaint(reader.error_offset(), reader.status());
    return builder_.take();
  }

 private:
  absl::Status complaint(size_t offset, std::string_view what) const {
    return source_complaint(text_, base_ + offset, name_, what);
  }
  absl::Status complaint(size_t offset, const absl::Status& status) const {
    return complaint(offset, std::string(status.message()));
  }

  absl::Status take_header(const std::vector<CsvField>& fields) {
    if (fields.front().text.find(';') != std::string::npos) {
      return complaint(0, "the columns are separated by ';': save it with commas");
    }
    if (fields.front().text != "host") {
      return complaint(0, fmt::format("the first column must be called host, not \"{}\"; the first "
                                      "line names the columns, as in host,site,role",
                                      printable(fields.front().text, 80)));
    }
    for (auto field = fields.begin() + 1; field != fields.end(); ++field) {
      if (absl::Status status = check_label(field->text, ""); !status.ok()) {
        return complaint(field->offset, status);
      }
      if (std::find(columns_.begin(), columns_.end(), field->text) != columns_.end()) {
        return complaint(field->offset, fmt::format("the column {} comes twice", field->text));
      }
      columns_.push_back(field->text);
    }
    return absl::OkStatus();
  }

  absl::Status take_host(std::vector<CsvField>& fields) {
    if (fields.size() != columns_.size() + 1) {
      return complaint(fields.front().offset,
                       fmt::format("{} fields in this line, but {} columns in the first",
                                   fields.size(), columns_.size() + 1));
    }
    Labels labels;
    for (size_t column = 0; column < columns_.size(); ++column) {
      std::string& value = fields[column + 1].text;
      if (!value.empty()) labels.emplace(columns_[column], std::move(value));
    }
    const absl::Status status = builder_.add(fields.front().text, std::move(labels));
    return status.ok() ? status : complaint(fields.front().offset, status);
  }

  std::string_view text_;
  std::string_view name_;
  // Of the reader's offsets.
  size_t base_ = 0;
  // But the first.
  std::vector<std::string> columns_;
  InventoryBuilder builder_;
};

}  // namespace

absl::StatusOr<Inventory> parse_csv_inventory(std::string_view text, std::string_view name) {
  return CsvInventory(text, name).parse();
}

}  // namespace muster::collector
