// CSV as RFC 4180 has it, strictly: fields between commas, in quotes where they hold a comma, a
// quote (doubled) or a line break; lines end with CR LF or LF; empty lines are passed over.
//
// Own code, since what Debian has does not fit: libcsv takes broken quotes for text and says no
// places, and Fast C++ CSV Parser wants the number of columns when it is compiled.
#pragma once

#include <absl/status/status.h>

#include <string>
#include <string_view>
#include <vector>

namespace muster::collector {

struct CsvField {
  std::string text;
  // Where it begins in the whole text.
  size_t offset = 0;
};

class CsvReader {
 public:
  // Of one line.
  static constexpr size_t kMostFields = 64;

  // `text` outlives the reader.
  explicit CsvReader(std::string_view text) : text_(text) {}

  // Reads the next line into `fields`; false at the end of the text, and after an error.
  bool next(std::vector<CsvField>& fields);

  // OK, or what is wrong and where.
  const absl::Status& status() const { return status_; }
  size_t error_offset() const { return error_offset_; }

 private:
  bool read_quoted(CsvField& field);
  bool read_plain(CsvField& field);
  bool at_line_end() const;
  void skip_line_end();
  bool refuse(size_t offset, std::string_view what);

  std::string_view text_;
  size_t at_ = 0;
  absl::Status status_;
  size_t error_offset_ = 0;
};

}  // namespace muster::collector
