#include "common/firmware/version_order.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "common/firmware/version_key.h"
#include "common/text.h"

namespace muster::firmware {
namespace {

// Absent ones are zero.
std::strong_ordering order_of(const std::vector<uint64_t>& a, const std::vector<uint64_t>& b) {
  for (size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    const uint64_t left = i < a.size() ? a[i] : 0;
    const uint64_t right = i < b.size() ? b[i] : 0;
    if (left != right) return left <=> right;
  }
  return std::strong_ordering::equal;
}

bool differ(const std::string& a, const std::string& b) {
  return !a.empty() && !b.empty() && a != b;
}

// Why two versions are of two things, so that they neither have an order nor are the same; empty
// where they are not.
std::string apart(const VersionKey& a, const VersionKey& b) {
  if (a.form != b.form) return fmt::format("one is {}, the other {}", a.form, b.form);
  if (differ(a.family, b.family))
    return fmt::format("they are of two families, {} and {}", a.family, b.family);
  return "";
}

std::string form_or_without(const std::string& form) {
  return form.empty() ? "without that" : form;
}

// Why the numbers do not settle it; empty where they do.
std::string doubt(const VersionKey& a, const VersionKey& b, std::strong_ordering numbers) {
  if (!a.witness.empty() && !b.witness.empty()) {
    const std::strong_ordering witness = order_of(a.witness, b.witness);
    if (numbers == std::strong_ordering::equal && witness != numbers)
      return "their first numbers are the same, the others are not";
    if (witness != std::strong_ordering::equal && witness != numbers)
      return "their first numbers say one thing, the others the contrary";
  }
  if (numbers != std::strong_ordering::equal) return "";
  if (a.tail_form != b.tail_form) {
    const bool is_first_longer = !a.tail_form.empty();
    return fmt::format("one is {}, the other {}", is_first_longer ? a.tail_form : b.tail_form,
                       form_or_without(is_first_longer ? b.tail_form : a.tail_form));
  }
  if (a.numbers.empty() && a.remark != b.remark) return "texts of this format have no order";
  if (differ(a.remark, b.remark))
    return fmt::format("their numbers are the same, but one says {} and the other {}", a.remark,
                       b.remark);
  return "";
}

absl::Status no_order(std::string_view a, std::string_view b, const std::string& why) {
  return absl::InvalidArgumentError(
      fmt::format("'{}' and '{}' have no order: {}", printable(trim(a)), printable(trim(b)), why));
}

}  // namespace

absl::StatusOr<std::strong_ordering> compare_versions(std::string_view a, std::string_view b,
                                                      VersionFormat format) {
  const absl::StatusOr<VersionKey> left = read_version(a, format);
  if (!left.ok()) return left.status();
  const absl::StatusOr<VersionKey> right = read_version(b, format);
  if (!right.ok()) return right.status();
  if (const std::string why = apart(*left, *right); !why.empty()) return no_order(a, b, why);
  const std::strong_ordering numbers = order_of(left->numbers, right->numbers);
  if (const std::string why = doubt(*left, *right, numbers); !why.empty())
    return no_order(a, b, why);
  if (numbers != std::strong_ordering::equal) return numbers;
  return order_of(left->tail, right->tail);
}

absl::StatusOr<bool> is_same_version(std::string_view a, std::string_view b, VersionFormat format) {
  const absl::StatusOr<VersionKey> left = read_version(a, format);
  if (!left.ok()) return left.status();
  const absl::StatusOr<VersionKey> right = read_version(b, format);
  if (!right.ok()) return right.status();
  if (!apart(*left, *right).empty()) return false;
  if (order_of(left->numbers, right->numbers) != std::strong_ordering::equal) return false;
  // What both say, and differently, makes them two.
  if (differ(left->remark, right->remark)) return false;
  if (!left->witness.empty() && !right->witness.empty() &&
      order_of(left->witness, right->witness) != std::strong_ordering::equal)
    return false;
  const absl::StatusOr<std::strong_ordering> order = compare_versions(a, b, format);
  if (!order.ok()) return order.status();
  return *order == std::strong_ordering::equal;
}

absl::Status check_version(std::string_view text, VersionFormat format) {
  return read_version(text, format).status();
}

}  // namespace muster::firmware
