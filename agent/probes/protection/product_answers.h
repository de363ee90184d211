// What readers share of a host's answers: the texts of status commands, lines of "key: value" in
// them, words of a known few, and which processes there are. Pure; any thread.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
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

// Whether a process of root's with one of these names runs, by the answer "processes", which has 15
// bytes of a name. Unspecified, and `running` is unread, where nobody could be asked.
v1::Answer root_runs(const ProductLook& look, std::initializer_list<std::string_view> names,
                     v1::ProtectionProduct& product);
// The same of any user's, for the fact of this name.
v1::Answer process_runs(const ProductLook& look, std::initializer_list<std::string_view> names,
                        std::string_view fact, v1::ProtectionProduct& product);

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

// What the value of `key` means: exactly one of the words. Unspecified, and `fact` is unread and
// tells the value, where it is none of them or there is no such line.
v1::Answer meaning_of(std::optional<std::string_view> value, std::string_view key,
                      std::initializer_list<Word> words, std::string_view fact,
                      v1::ProtectionProduct& product);
// That there is no such line, or that its value is not understood.
void add_not_understood(std::optional<std::string_view> value, std::string_view key,
                        std::string_view fact, v1::ProtectionProduct& product);

}  // namespace muster::protection
