// The kinds of what ends, in one visible table. Pure; any thread.
#pragma once

#include <bitset>
#include <initializer_list>
#include <span>
#include <string_view>

#include "muster/v1/fleet.pb.h"

namespace muster::collector {

struct ExpiryKindRow {
  v1::ExpiryKind kind;
  // As it is asked for and shown: "served-certificate".
  std::string_view name;
  // In a calendar, after what ends: "certificate ends".
  std::string_view words;
};
std::span<const ExpiryKindRow> all_expiry_kinds();

// Null: there is none of that name.
const ExpiryKindRow* find_expiry_kind(std::string_view name);
// The row of one that there is.
const ExpiryKindRow& expiry_kind_row(v1::ExpiryKind kind);

// Some of them.
class ExpiryKinds {
 public:
  ExpiryKinds() = default;
  ExpiryKinds(std::initializer_list<v1::ExpiryKind> kinds) {
    for (const v1::ExpiryKind kind : kinds)
      add(kind);
  }
  static ExpiryKinds all() {
    ExpiryKinds kinds;
    kinds.kinds_.set();
    return kinds;
  }

  void add(v1::ExpiryKind kind) { kinds_.set(kind); }
  void remove(v1::ExpiryKind kind) { kinds_.reset(kind); }
  bool has(v1::ExpiryKind kind) const { return kinds_.test(kind); }
  bool has_any(ExpiryKinds others) const { return (kinds_ & others.kinds_).any(); }
  bool empty() const { return kinds_.none(); }

 private:
  std::bitset<v1::ExpiryKind_ARRAYSIZE> kinds_;
};

}  // namespace muster::collector
