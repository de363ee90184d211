#include "agent/probes/lookalikes/permutations.h"

#include <idn2.h>

#include <algorithm>
#include <array>
#include <boost/locale/encoding_utf.hpp>
#include <cstdlib>
#include <map>
#include <memory>
#include <utility>

#include "agent/probes/lookalikes/homoglyphs.h"
#include "common/internet_name.h"

namespace muster::lookalikes {
namespace {

using boost::locale::conv::utf_to_utf;

// Where a namesake is registered first: the widely used ones, and those that abuse likes.
constexpr std::array<std::string_view, 40> kSuffixes{
    "com", "net", "org",  "info", "biz",     "eu",    "de",   "fr",     "it",   "es",
    "nl",  "be",  "at",   "ch",   "pl",      "co.uk", "uk",   "us",     "ca",   "co",
    "io",  "ai",  "app",  "dev",  "cloud",   "tech",  "site", "online", "shop", "store",
    "xyz", "top", "live", "club", "support", "email", "in",   "ru",     "cn",   "me"};
constexpr std::array<std::string_view, 12> kWords{"login",   "secure", "mail",   "account",
                                                  "support", "portal", "online", "group",
                                                  "service", "pay",    "my",     "www"};
constexpr std::u32string_view kVowels = U"aeiou";
// Rows of keyboards, each with the key beside it.
constexpr std::array<std::u32string_view, 5> kKeyboards{U"1234567890", U"qwertyuiop", U"asdfghjkl",
                                                        U"zxcvbnm", U"qwertzuiop"};
constexpr std::array<std::u32string_view, 2> kOtherKeyboards{U"azertyuiop", U"yxcvbnm"};

// The order in which they are left out last: what deceives best comes first.
constexpr std::array<v1::LookalikeKind, 10> kByWorth{
    v1::LOOKALIKE_KIND_HOMOGLYPH,   v1::LOOKALIKE_KIND_OTHER_SUFFIX, v1::LOOKALIKE_KIND_WORD,
    v1::LOOKALIKE_KIND_OMISSION,    v1::LOOKALIKE_KIND_SWAP,         v1::LOOKALIKE_KIND_REPETITION,
    v1::LOOKALIKE_KIND_HYPHENATION, v1::LOOKALIKE_KIND_VOWEL,        v1::LOOKALIKE_KIND_REPLACEMENT,
    v1::LOOKALIKE_KIND_BITFLIP};

size_t worth_of(v1::LookalikeKind kind) {
  return static_cast<size_t>(std::find(kByWorth.begin(), kByWorth.end(), kind) - kByWorth.begin());
}

bool is_letter(char32_t c) {
  return c >= U'a' && c <= U'z';
}

bool is_of_a_name(char32_t c) {
  return is_letter(c) || (c >= U'0' && c <= U'9') || c == U'-';
}

// "xn--bcher-kva" as people read it; as it is where it is no punycode.
std::u32string read_label(const std::string& label) {
  char* shown = nullptr;
  if (::idn2_to_unicode_8z8z(label.c_str(), &shown, 0) != IDN2_OK) {
    return utf_to_utf<char32_t>(label);
  }
  const std::unique_ptr<char, decltype(&std::free)> owned(shown, &std::free);
  return utf_to_utf<char32_t>(shown);
}

// What was made, each with the first of its kinds.
class Found {
 public:
  Found(std::string itself, std::string suffix)
      : itself_(std::move(itself)), suffix_(std::move(suffix)) {}

  void add(const std::u32string& label, v1::LookalikeKind kind) { add(label, suffix_, kind); }
  void add(const std::u32string& label, std::string_view suffix, v1::LookalikeKind kind) {
    const std::string shown = utf_to_utf<char>(label) + "." + std::string(suffix);
    const absl::StatusOr<std::string> name = to_internet_name(shown);
    if (!name.ok() || *name == itself_) return;
    Candidate& candidate = names_[*name];
    if (candidate.kind != v1::LOOKALIKE_KIND_UNSPECIFIED && candidate.kind <= kind) return;
    candidate = {.name = *name, .shown = *name == shown ? "" : shown, .kind = kind};
  }

  Candidates take(size_t most) {
    Candidates made;
    for (auto& [name, candidate] : names_)
      made.names.push_back(std::move(candidate));
    if (made.names.size() <= most) return made;
    std::stable_sort(
        made.names.begin(), made.names.end(),
        [](const Candidate& a, const Candidate& b) { return worth_of(a.kind) < worth_of(b.kind); });
    made.left_out = made.names.size() - most;
    made.names.resize(most);
    std::sort(made.names.begin(), made.names.end(),
              [](const Candidate& a, const Candidate& b) { return a.name < b.name; });
    return made;
  }

 private:
  const std::string itself_;
  const std::string suffix_;
  std::map<std::string, Candidate, std::less<>> names_;
};

std::u32string with(std::u32string_view label, size_t at, size_t count, std::u32string_view put) {
  std::u32string made(label);
  made.replace(at, count, put);
  return made;
}

void add_slips(std::u32string_view label, Found& found) {
  for (size_t i = 0; i < label.size(); ++i) {
    found.add(with(label, i, 1, U""), v1::LOOKALIKE_KIND_OMISSION);
    found.add(with(label, i, 0, label.substr(i, 1)), v1::LOOKALIKE_KIND_REPETITION);
    if (i + 1 < label.size() && label[i] != label[i + 1]) {
      const char32_t swapped[] = {label[i + 1], label[i]};
      found.add(with(label, i, 2, {swapped, 2}), v1::LOOKALIKE_KIND_SWAP);
    }
    if (i > 0) found.add(with(label, i, 0, U"-"), v1::LOOKALIKE_KIND_HYPHENATION);
  }
  std::u32string joined(label);
  std::erase(joined, U'-');
  if (joined.size() != label.size()) found.add(joined, v1::LOOKALIKE_KIND_HYPHENATION);
}

void add_neighbours(std::u32string_view label, std::span<const std::u32string_view> rows,
                    Found& found) {
  for (size_t i = 0; i < label.size(); ++i) {
    for (const std::u32string_view row : rows) {
      const size_t key = row.find(label[i]);
      if (key == std::u32string_view::npos) continue;
      if (key > 0)
        found.add(with(label, i, 1, row.substr(key - 1, 1)), v1::LOOKALIKE_KIND_REPLACEMENT);
      if (key + 1 < row.size()) {
        found.add(with(label, i, 1, row.substr(key + 1, 1)), v1::LOOKALIKE_KIND_REPLACEMENT);
      }
    }
  }
}

void add_vowels_and_bits(std::u32string_view label, Found& found) {
  for (size_t i = 0; i < label.size(); ++i) {
    if (kVowels.find(label[i]) != std::u32string_view::npos) {
      for (const char32_t& vowel : kVowels)
        found.add(with(label, i, 1, {&vowel, 1}), v1::LOOKALIKE_KIND_VOWEL);
    }
    if (!is_of_a_name(label[i])) continue;
    for (unsigned bit = 0; bit < 7; ++bit) {
      const char32_t flipped = label[i] ^ (1U << bit);
      if (is_of_a_name(flipped))
        found.add(with(label, i, 1, {&flipped, 1}), v1::LOOKALIKE_KIND_BITFLIP);
    }
  }
}

void add_homoglyphs(std::u32string_view label, Found& found) {
  for (const Homoglyph& homoglyph : ascii_homoglyphs()) {
    for (size_t at = label.find(homoglyph.written); at != std::u32string_view::npos;
         at = label.find(homoglyph.written, at + 1)) {
      found.add(with(label, at, homoglyph.written.size(), homoglyph.looks_like),
                v1::LOOKALIKE_KIND_HOMOGLYPH);
    }
  }
  std::u32string cyrillic;
  for (size_t i = 0; i < label.size(); ++i) {
    for (const char32_t& other : foreign_homoglyphs(label[i]))
      found.add(with(label, i, 1, {&other, 1}), v1::LOOKALIKE_KIND_HOMOGLYPH);
    const std::optional<char32_t> twin = cyrillic_twin(label[i]);
    if (twin || !is_letter(label[i])) cyrillic += twin.value_or(label[i]);
  }
  if (cyrillic.size() == label.size()) found.add(cyrillic, v1::LOOKALIKE_KIND_HOMOGLYPH);
}

void add_word(const std::u32string& label, std::string_view text, Found& found) {
  const std::u32string word = utf_to_utf<char32_t>(std::string(text));
  for (const char32_t* const between : {U"", U"-"}) {
    found.add(word + between + label, v1::LOOKALIKE_KIND_WORD);
    found.add(label + between + word, v1::LOOKALIKE_KIND_WORD);
  }
}

}  // namespace

Candidates candidates_of(const domains::RegistrableName& domain, const Wishes& wishes,
                         size_t most) {
  const std::u32string label =
      read_label(domain.name.substr(0, domain.name.size() - domain.public_suffix.size() - 1));
  Found found(domain.name, domain.public_suffix);
  add_slips(label, found);
  add_neighbours(label, kKeyboards, found);
  add_neighbours(label, kOtherKeyboards, found);
  add_vowels_and_bits(label, found);
  add_homoglyphs(label, found);
  for (const std::string_view word : kWords)
    add_word(label, word, found);
  for (const std::string& word : wishes.words)
    add_word(label, word, found);
  for (const std::string_view suffix : kSuffixes)
    found.add(label, suffix, v1::LOOKALIKE_KIND_OTHER_SUFFIX);
  for (const std::string& suffix : wishes.suffixes)
    found.add(label, suffix, v1::LOOKALIKE_KIND_OTHER_SUFFIX);
  return found.take(most);
}

}  // namespace muster::lookalikes
