// What readers share of a host's answers: the texts of status commands, lines of "key: value" in
// them, and words of a known few. Pure but for control groups; any thread.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/probes/protection/product.h"

namespace muster::protection {

// Of one answer; what comes after these is passed over.
inline constexpr size_t kMostStatusLines = 2000;

// The text of an answer that may be used; its `source` ("falconctl -g") is told. Where it may not,
// each of `facts` is unread, and why.
std::optional<std::string_view> answer_text(const ProductLook& look, std::string_view question,
                                            std::string_view source,
                                            std::initializer_list<std::string_view> facts,
                                            v1::ProtectionProduct& product);

// One reason for all of these facts: a complaint about an answer, or what a product does not tell.
void add_unread_all(v1::ProtectionProduct& product, std::initializer_list<std::string_view> facts,
                    std::string_view reason);

// Sets `running`, by running_programs.h; it is unread where that cannot be told.
void set_running(const ProductLook& look, std::initializer_list<const char*> units,
                 std::string_view program, v1::ProtectionProduct& product);

// The last word of a reader that goes by what its product says: what is not known to run is not
// known to protect either, and its mode and real-time protection are unread.
void doubt_unless_it_runs(v1::ProtectionProduct& product);

// Lines "Key: value" or "Key    value" (a tab, or two blanks and more), a "- " before them passed
// over. Refers to the text.
class StatusLines {
 public:
  explicit StatusLines(std::string_view text);

  // Of the first line with this key, without blanks around it and without a dot at its end; unset
  // where there is none.
  std::optional<std::string_view> find(std::string_view key) const;
  // Of the first of these keys that is there: versions of a product call one thing by many names.
  std::optional<std::string_view> find_any(std::initializer_list<std::string_view> keys) const;

 private:
  std::vector<std::pair<std::string_view, std::string_view>> lines_;
};

struct Word {
  std::string_view word;
  v1::Answer meaning;
};

// The value of a key; empty, and `fact` is unread, where there is none.
std::string text_or_unread(const StatusLines& lines, std::string_view key, std::string_view fact,
                           v1::ProtectionProduct& product);
// `time` is what the value of `key` was read as, to the second; unset, and `fact` is unread, where
// it is none.
std::optional<google::protobuf::Timestamp> time_or_unread(std::optional<TimePoint> time,
                                                          std::optional<std::string_view> value,
                                                          std::string_view key,
                                                          std::string_view fact,
                                                          v1::ProtectionProduct& product);

// What the value of `key` means: exactly one of the words. Unspecified, and `fact` is unread and
// tells the value, where it is none of them or there is no such line.
v1::Answer meaning_of(std::optional<std::string_view> value, std::string_view key,
                      std::initializer_list<Word> words, std::string_view fact,
                      v1::ProtectionProduct& product);
// That there is no such line, or that its value is not understood.
void add_not_understood(std::optional<std::string_view> value, std::string_view key,
                        std::string_view fact, v1::ProtectionProduct& product);

}  // namespace muster::protection
