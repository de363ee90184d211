#include "agent/probes/packages_rpm/evr_order.h"

#include <rpm/rpmver.h>

#include <memory>

namespace muster::packages_rpm {
namespace {

struct FreeVersion {
  void operator()(rpmver version) const { ::rpmverFree(version); }
};
using VersionPtr = std::unique_ptr<rpmver_s, FreeVersion>;

}  // namespace

int compare_evr(const std::string& left, const std::string& right) {
  const VersionPtr a(::rpmverParse(left.c_str()));
  const VersionPtr b(::rpmverParse(right.c_str()));
  if (a == nullptr || b == nullptr) return ::rpmvercmp(left.c_str(), right.c_str());
  return ::rpmverCmp(a.get(), b.get());
}

}  // namespace muster::packages_rpm
