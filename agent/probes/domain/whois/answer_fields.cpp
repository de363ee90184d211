#include "agent/probes/domain/whois/answer_fields.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "agent/probes/domain/whois/plain_text.h"
#include "agent/probes/domain/whois/written_time.h"
#include "common/text.h"

namespace muster::domains::whois {
namespace {

constexpr size_t kMaxNameWords = 9;
constexpr size_t kMaxNameBytes = 80;

struct KeyAndValue {
  std::string name;
  std::string_view value;
};

bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}

// A key without its remark, "(dd/mm/yyyy)", as words; empty for what is no key.
std::string key_name(std::string_view key) {
  std::string plain(key);
  for (size_t open = plain.find('('); open != std::string::npos; open = plain.find('(')) {
    const size_t close = plain.find(')', open);
    plain.erase(open, close == std::string::npos ? close : close - open + 1);
  }
  const std::vector<std::string> words = words_of(plain);
  std::string name = joined(words);
  return words.size() > kMaxNameWords || name.size() > kMaxNameBytes ? "" : name;
}

// "[Domain Name]  EXAMPLE.JP" and "p. [Name Server]  ns1.example.jp".
std::optional<KeyAndValue> bracketed(std::string_view line) {
  if (line.size() > 3 && line[1] == '.' && line[2] == ' ') line = trim(line.substr(2));
  const size_t close = line.find(']');
  if (line.size() < 3 || line.front() != '[' || line[1] == ' ' || close == std::string_view::npos)
    return std::nullopt;
  return KeyAndValue{key_name(line.substr(1, close - 1)), trim(line.substr(close + 1))};
}

std::optional<KeyAndValue> with_colon(std::string_view line) {
  static constexpr std::string_view kWide = "：";
  const size_t narrow = line.find(':');
  const size_t wide = line.find(kWide);
  const size_t colon = std::min(narrow, wide);
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const std::string_view value = line.substr(colon + (colon == wide ? kWide.size() : 1));
  // Neither a URL nor a time of day.
  if (value.starts_with("//")) return std::nullopt;
  if (is_digit(line[colon - 1]) && !value.empty() && is_digit(value.front())) return std::nullopt;
  std::string name = key_name(line.substr(0, colon));
  if (name.empty()) return std::nullopt;
  return KeyAndValue{std::move(name), trim(value)};
}

// "Domain name<tab>example.ch", "Expires     2026-04-03": in columns, for names that are known.
std::optional<KeyAndValue> in_columns(std::string_view line) {
  const size_t gap = std::min(line.find('\t'), line.find("  "));
  if (gap == std::string_view::npos) return std::nullopt;
  std::string name = key_name(line.substr(0, gap));
  const std::string_view value = trim(line.substr(gap));
  if (meaning_of(name) == Meaning::kNone || value.empty()) return std::nullopt;
  return KeyAndValue{std::move(name), value};
}

// "Record expires on 2026-04-03 (YYYY-MM-DD)". No other dates are taken from sentences: "Last
// updated on" speaks of the whole register.
std::optional<KeyAndValue> in_sentence(std::string_view line) {
  for (size_t space = line.find(' '); space != std::string_view::npos;
       space = line.find(' ', space + 1)) {
    const std::string_view value = trim(line.substr(space));
    std::string name = key_name(line.substr(0, space));
    if (name.empty()) return std::nullopt;
    const Meaning meaning = meaning_of(name);
    if ((meaning == Meaning::kExpires || meaning == Meaning::kCreated) && parse_written_time(value))
      return KeyAndValue{std::move(name), value};
  }
  return std::nullopt;
}

std::optional<KeyAndValue> key_and_value(std::string_view line) {
  if (auto field = bracketed(line)) return field;
  if (auto field = with_colon(line)) return field;
  if (auto field = in_columns(line)) return field;
  return in_sentence(line);
}

bool is_ruler(std::string_view line) {
  return line.find_first_not_of("-=*_ ") == std::string_view::npos;
}

// Remarks are for sentences only: "% No entries found". ">>> Last update … <<<" frames one as well.
bool is_remark(std::string_view line) {
  return line.starts_with('%') || line.starts_with('#') || line.starts_with(">>>") ||
         line.starts_with("[ ");
}

bool is_date(Meaning meaning) {
  return meaning == Meaning::kExpires || meaning == Meaning::kRegistrarExpires ||
         meaning == Meaning::kCreated || meaning == Meaning::kChanged;
}

// Reads line after line. Paragraphs and headings say of what the fields in them speak.
class AnswerReader {
 public:
  void read_line(std::string_view raw) {
    const size_t indent = std::min(raw.find_first_not_of(" \t"), raw.size());
    const std::string_view line = trim(raw);
    if (line.empty()) return end_paragraph();
    answer_.sentences.emplace_back(
        trim(line.substr(std::min(line.find_first_not_of("%#>*\" \t"), line.size()))));
    if (is_remark(line) || is_ruler(line)) return;
    const std::string_view unmarked =
        trim(line.substr(std::min(line.find_first_not_of("* "), line.size())));
    if (std::optional<KeyAndValue> field = key_and_value(unmarked)) {
      take_field(std::move(*field), indent);
    } else if (is_heading(unmarked) && !continues(indent)) {
      take_field({key_name(unmarked), {}}, indent);
    } else if (continues(indent)) {
      add_value(unmarked);
    }
    first_of_paragraph_ = false;
  }

  Answer finish() && {
    std::erase_if(answer_.fields, [](const Field& field) { return field.values.empty(); });
    return std::move(answer_);
  }

 private:
  bool has_field() const { return in_field_ && !answer_.fields.empty(); }
  // A field without a value of its own takes the lines below it, any other those that are indented
  // more.
  bool continues(size_t indent) const {
    return has_field() && (answer_.fields.back().below || indent > indent_);
  }

  void end_paragraph() {
    // "Name servers:", an empty line, and then its lines.
    const bool waits = has_field() && answer_.fields.back().below &&
                       answer_.fields.back().values.empty() && heading_is_last_;
    if (waits) return;
    in_field_ = false;
    subject_ = Subject::kDomain;
    heading_indent_ = 0;
    under_heading_ = false;
    first_of_paragraph_ = true;
  }

  void take_field(KeyAndValue given, size_t indent) {
    Field field{.name = std::move(given.name),
                .meaning = {},
                .subject = {},
                .values = {},
                .below = given.value.empty()};
    field.meaning = meaning_of(field.name);
    if (under_heading_ && indent < heading_indent_) {
      under_heading_ = false;
      subject_ = Subject::kDomain;
    }
    const bool was_waiting = heading_is_last_;
    heading_is_last_ = false;
    if (field.below && (first_of_paragraph_ || indent <= heading_indent_ || !under_heading_)) {
      // A heading, or a field of a list that happens to be empty: only what is below it can tell.
      heading_is_last_ = first_of_paragraph_ || is_heading(field.name);
      pending_ = subject_of(field.name);
      pending_indent_ = indent;
    }
    if (heading_is_last_) {
      under_heading_ = true;
      heading_indent_ = indent;
      subject_ = pending_;
    } else if (!field.below && first_of_paragraph_ && !under_heading_ && !is_date(field.meaning)) {
      subject_ = subject_of(field.name);
    } else if (!was_waiting && pending_ != Subject::kDomain && indent > pending_indent_ &&
               last_was_empty_) {
      subject_ = pending_;
      under_heading_ = true;
      heading_indent_ = indent;
    }
    last_was_empty_ = field.below;
    field.subject = subject_;
    indent_ = indent;
    in_field_ = true;
    answer_.fields.push_back(std::move(field));
    if (!given.value.empty()) add_value(given.value);
  }

  void add_value(std::string_view value) {
    Field& field = answer_.fields.back();
    heading_is_last_ = false;
    if (field.values.size() < kMaxValues) field.values.emplace_back(value);
  }

  Answer answer_;
  Subject subject_ = Subject::kDomain;
  Subject pending_ = Subject::kDomain;
  size_t indent_ = 0;          // of the last field
  size_t heading_indent_ = 0;  // of the heading that subject_ is from
  size_t pending_indent_ = 0;
  bool in_field_ = false;
  bool under_heading_ = false;
  bool heading_is_last_ = false;
  bool last_was_empty_ = false;
  bool first_of_paragraph_ = true;
};

}  // namespace

Answer split_answer(std::string_view bytes) {
  if (bytes.size() > kMaxAnswerBytes) return {};
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  AnswerReader reader;
  size_t lines = 0;
  while (!bytes.empty()) {
    if (++lines > kMaxLines) return {};
    const size_t end = std::min(bytes.find_first_of("\r\n"), bytes.size());
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(
        std::min(end + (bytes.substr(end).starts_with("\r\n") ? 2 : 1), bytes.size()));
    // Tabs divide columns, and printable() would show them as text.
    std::string shown;
    for (const std::string_view part : parts_of(line, std::string_view("\t")))
      shown.append(shown.empty() ? "" : "\t").append(printable(part, kMaxValueBytes));
    if (line.starts_with('\t')) shown.insert(0, "\t");
    reader.read_line(shown);
  }
  return std::move(reader).finish();
}

}  // namespace muster::domains::whois
