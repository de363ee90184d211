#include "common/policy/rules/hardware_words.h"

namespace muster::policy {

std::string_view array_kind_word(v1::ArrayKind kind) {
  switch (kind) {
    case v1::ARRAY_KIND_MD:
      return "md";
    case v1::ARRAY_KIND_ZFS:
      return "ZFS";
    case v1::ARRAY_KIND_LVM:
      return "LVM";
    case v1::ARRAY_KIND_MULTIPATH:
      return "multipath";
    case v1::ARRAY_KIND_BOND:
      return "bond";
    case v1::ARRAY_KIND_BTRFS:
      return "btrfs";
    default:
      return "array";
  }
}

std::string_view member_word(v1::ArrayKind kind) {
  switch (kind) {
    case v1::ARRAY_KIND_MULTIPATH:
      return "paths";
    case v1::ARRAY_KIND_BOND:
      return "adapters";
    default:
      return "disks";
  }
}

}  // namespace muster::policy
