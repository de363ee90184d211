#include "collector/inventory/csv_reader.h"

#include <fmt/format.h>

#include <algorithm>

namespace muster::collector {

bool CsvReader::refuse(size_t offset, std::string_view what) {
  status_ = absl::InvalidArgumentError(fmt::format("{}", what));
  error_offset_ = offset;
  return false;
}

bool CsvReader::at_line_end() const {
  return at_ == text_.size() || text_[at_] == '\n' || text_.substr(at_).starts_with("\r\n");
}

void CsvReader::skip_line_end() {
  if (at_ < text_.size() && text_[at_] == '\r') ++at_;
  if (at_ < text_.size()) ++at_;
}

bool CsvReader::read_quoted(CsvField& field) {
  ++at_;
  for (;;) {
    const size_t quote = text_.find('"', at_);
    if (quote == std::string_view::npos) {
      return refuse(field.offset, "this field's quote is not closed");
    }
    field.text += text_.substr(at_, quote - at_);
    at_ = quote + 1;
    if (at_ == text_.size() || text_[at_] != '"') break;
    field.text += '"';
    ++at_;
  }
  if (at_line_end() || text_[at_] == ',') return true;
  return refuse(at_,
                "after a quoted field comes a comma or the end of the line (a quote within is "
                "written twice)");
}

bool CsvReader::read_plain(CsvField& field) {
  const size_t end = std::min(text_.find_first_of(",\n", at_), text_.size());
  std::string_view plain = text_.substr(at_, end - at_);
  if (end == text_.size() || text_[end] == '\n') {
    if (plain.ends_with('\r') && end != text_.size()) plain.remove_suffix(1);
  }
  if (const size_t quote = plain.find('"'); quote != std::string_view::npos) {
    return refuse(at_ + quote,
                  "a field with a quote in it must be in quotes, and the quote doubled");
  }
  if (const size_t lone = plain.find('\r'); lone != std::string_view::npos) {
    return refuse(at_ + lone, "a carriage return without a line feed");
  }
  field.text = plain;
  at_ += plain.size();
  return true;
}

bool CsvReader::next(std::vector<CsvField>& fields) {
  fields.clear();
  if (!status_.ok()) return false;
  while (at_ < text_.size() && at_line_end())
    skip_line_end();
  if (at_ == text_.size()) return false;
  for (;;) {
    CsvField field{.text = {}, .offset = at_};
    if (fields.size() == kMostFields) {
      return refuse(at_, fmt::format("more than {} fields in a line", kMostFields));
    }
    const bool quoted = at_ < text_.size() && text_[at_] == '"';
    if (!(quoted ? read_quoted(field) : read_plain(field))) return false;
    fields.push_back(std::move(field));
    if (at_line_end()) break;
    ++at_;  // the comma
  }
  skip_line_end();
  return true;
}

}  // namespace muster::collector
