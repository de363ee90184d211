// Files of a product, below the root that is looked at. Calls block; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <initializer_list>
#include <string>
#include <string_view>

#include "agent/probes/protection/product.h"

namespace muster::protection {

// Of a product's file, unless its reader says otherwise.
inline constexpr size_t kLargestProductFile = 1 << 20;

// Whether one of the paths is there: by that a product counts as installed. What cannot be looked
// at is a problem of the probe, in the product's name, and the next path is tried.
bool is_there(const ProductLook& look, std::string_view name,
              std::initializer_list<const char*> paths);

// The file; where it is there and cannot be read, `fact` is unread: "/var/ossec/x: Permission
// denied".
absl::StatusOr<std::string> read_product_file(const ProductLook& look, const std::string& path,
                                              std::string_view fact, v1::ProtectionProduct& product,
                                              size_t limit = kLargestProductFile);

// When the file was last written; as above where that cannot be told.
absl::StatusOr<TimePoint> written_at(const ProductLook& look, const std::string& path,
                                     std::string_view fact, v1::ProtectionProduct& product);

// "/var/ossec/x: Permission denied".
std::string reason_of(const std::string& path, const absl::Status& status);

// The first `size` bytes of a file, or all of a smaller one.
absl::StatusOr<std::string> read_begin_in_root(const std::string& root, const std::string& path,
                                               size_t size);
// The last `limit` bytes of a file that grows, from the first whole line on: its log. `is_cut`, if
// any, is whether there is more before them.
absl::StatusOr<std::string> read_end_in_root(const std::string& root, const std::string& path,
                                             size_t limit, bool* is_cut = nullptr);

}  // namespace muster::protection
