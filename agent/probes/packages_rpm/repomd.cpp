#include "agent/probes/packages_rpm/repomd.h"

#include <cstdio>
#include <memory>
#include <system_error>

#include "agent/probes/packages_rpm/libsolv_headers.h"

namespace muster::packages_rpm {
namespace {

struct FreePool {
  void operator()(Pool* pool) const { ::pool_free(pool); }
};
struct CloseFile {
  void operator()(FILE* file) const { std::fclose(file); }
};

}  // namespace

absl::StatusOr<std::map<std::string, std::string>> addresses_in_repomd(const std::string& path) {
  const std::unique_ptr<FILE, CloseFile> file(std::fopen(path.c_str(), "re"));
  if (file == nullptr) {
    return absl::UnavailableError(std::generic_category().message(errno));
  }
  const std::unique_ptr<Pool, FreePool> pool(::pool_create());
  Repo* repo = ::repo_create(pool.get(), "repomd");
  if (::repo_add_repomdxml(repo, file.get(), 0) != 0) {
    return absl::DataLossError(::pool_errstr(pool.get()));
  }
  std::map<std::string, std::string> addresses;
  Dataiterator found;
  ::dataiterator_init(&found, pool.get(), repo, SOLVID_META, REPOSITORY_REPOMD_TYPE, nullptr, 0);
  ::dataiterator_prepend_keyname(&found, REPOSITORY_REPOMD);
  while (::dataiterator_step(&found) != 0) {
    ::dataiterator_setpos_parent(&found);
    const char* type = ::pool_lookup_str(pool.get(), SOLVID_POS, REPOSITORY_REPOMD_TYPE);
    const char* address = ::pool_lookup_str(pool.get(), SOLVID_POS, REPOSITORY_REPOMD_LOCATION);
    if (type != nullptr && address != nullptr) addresses.emplace(type, address);
  }
  ::dataiterator_free(&found);
  return addresses;
}

}  // namespace muster::packages_rpm
