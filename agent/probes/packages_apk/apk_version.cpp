#include "agent/probes/packages_apk/apk_version.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace muster::packages_apk {
namespace {

// What a version may go on with, from the oldest to the newest: of two versions that are equal so
// far, the one whose next part is further down is the newer.
enum class Part {
  // _alpha, _beta, _pre, _rc: before the release that they lead to.
  kBeforeRelease,
  // What breaks the form. Nothing is read after it.
  kBroken,
  kEnd,
  kRevision,  // -r1
  kHash,      // ~1a2b3c
  kSuffixNumber,
  kAfterRelease,  // _cvs, _svn, _git, _hg, _p
  kLetter,
  kNumber,
};

// In the order of the specification; the first four come before a release.
constexpr auto kSuffixes =
    std::to_array<std::string_view>({"alpha", "beta", "pre", "rc", "cvs", "svn", "git", "hg", "p"});
constexpr size_t kFirstAfterRelease = 4;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f');
}

// Reads a version from its start to its end.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) { take(Part::kNumber, 0, &is_digit); }

  Part part() const { return part_; }
  // The part without what announces it: "1", "rc", "1a2b3c".
  std::string_view value() const { return value_; }
  // Whether it is the number before the first dot.
  bool is_first() const { return is_first_; }
  bool is_over() const { return part_ == Part::kEnd || part_ == Part::kBroken; }

  void next() {
    const Part before = part_;
    is_first_ = false;
    value_ = {};
    if (rest_.empty()) {
      part_ = Part::kEnd;
    } else if (rest_.front() == '.' && before == Part::kNumber) {
      take(Part::kNumber, 1, &is_digit);
    } else if (is_lower(rest_.front()) && before == Part::kNumber) {
      part_ = Part::kLetter;
      value_ = rest_.substr(0, 1);
      rest_.remove_prefix(1);
    } else if (is_digit(rest_.front()) && is_suffix(before)) {
      take(Part::kSuffixNumber, 0, &is_digit);
    } else if (rest_.front() == '_' && before >= Part::kSuffixNumber) {
      take_suffix();
    } else if (rest_.front() == '_' && before == Part::kBeforeRelease) {
      take_suffix();
    } else if (rest_.front() == '~' && before != Part::kHash && before != Part::kRevision) {
      take(Part::kHash, 1, &is_hex);
    } else if (rest_.starts_with("-r") && before != Part::kRevision) {
      take(Part::kRevision, 2, &is_digit);
    } else {
      part_ = Part::kBroken;
    }
  }

 private:
  static bool is_suffix(Part part) {
    return part == Part::kBeforeRelease || part == Part::kAfterRelease;
  }

  // At least one character of the kind, after what announces the part.
  void take(Part part, size_t announced_by, bool (*is_of_kind)(char)) {
    rest_.remove_prefix(announced_by);
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_of_kind);
    value_ = rest_.substr(0, static_cast<size_t>(end - rest_.begin()));
    rest_.remove_prefix(value_.size());
    part_ = value_.empty() ? Part::kBroken : part;
  }

  void take_suffix() {
    take(Part::kAfterRelease, 1, &is_lower);
    const auto known = std::find(kSuffixes.begin(), kSuffixes.end(), value_);
    if (known == kSuffixes.end()) {
      part_ = Part::kBroken;
    } else if (known < kSuffixes.begin() + kFirstAfterRelease) {
      part_ = Part::kBeforeRelease;
    }
  }

  std::string_view rest_;
  std::string_view value_;
  Part part_ = Part::kBroken;
  bool is_first_ = true;
};

// Of any length, so that no number wraps around.
int compare_numbers(std::string_view a, std::string_view b) {
  a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
  b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a.compare(b);
}

// The place in the specification's list.
int rank_of(std::string_view suffix) {
  return static_cast<int>(std::find(kSuffixes.begin(), kSuffixes.end(), suffix) -
                          kSuffixes.begin());
}

// Of two parts of one kind.
int compare_values(const Reader& a, const Reader& b) {
  switch (a.part()) {
    case Part::kNumber:
      if (!a.is_first() && (a.value().front() == '0' || b.value().front() == '0')) break;
      return compare_numbers(a.value(), b.value());
    case Part::kSuffixNumber:
    case Part::kRevision:
      return compare_numbers(a.value(), b.value());
    case Part::kBeforeRelease:
    case Part::kAfterRelease:
      return rank_of(a.value()) - rank_of(b.value());
    case Part::kBroken:
    case Part::kEnd:
      return 0;
    case Part::kHash:
    case Part::kLetter:
      break;
  }
  return a.value().compare(b.value());
}

}  // namespace

int compare_versions(std::string_view a, std::string_view b) {
  Reader left(a);
  Reader right(b);
  while (true) {
    if (left.part() != right.part()) return left.part() < right.part() ? -1 : 1;
    if (const int order = compare_values(left, right); order != 0) return order;
    if (left.is_over()) return 0;
    left.next();
    right.next();
  }
}

bool is_version(std::string_view text) {
  Reader reader(text);
  while (!reader.is_over())
    reader.next();
  return reader.part() == Part::kEnd;
}

bool begins_with_version(std::string_view version, std::string_view prefix) {
  Reader whole(version);
  Reader begin(prefix);
  while (begin.part() != Part::kEnd) {
    if (begin.part() == Part::kBroken || whole.part() != begin.part()) return false;
    if (compare_values(whole, begin) != 0) return false;
    whole.next();
    begin.next();
  }
  return true;
}

}  // namespace muster::packages_apk
