// Which part of a name somebody registered, by the Public Suffix List (https://publicsuffix.org).
// Only its section of registries (ICANN's) counts: what is below github.io is registered with
// nobody.
#pragma once

#include <absl/status/statusor.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

struct psl_ctx_st;

namespace muster::domains {

struct RegistrableName {
  std::string name;           // "example.co.uk"
  std::string public_suffix;  // "co.uk"
  // False: no rule of the list fits, and its last label is taken for the suffix, as the list wants
  // it.
  bool suffix_is_listed = false;
  bool operator==(const RegistrableName&) const = default;
};

// Immutable: any thread.
class PublicSuffixes {
 public:
  // The newer of the list that libpsl was built with and the one that the system has (Debian's
  // package publicsuffix). Reads that file. Internal if this libpsl was built without one and there
  // is none.
  static absl::StatusOr<PublicSuffixes> of_this_system();
  // A list in the format of public_suffix_list.dat. InvalidArgument unless it has a rule in its
  // section of registries, and is at most 4 MiB.
  static absl::StatusOr<PublicSuffixes> parse(std::string_view list);

  // The registrable part of a name, which may be written in any script: "www.Bücher.co.uk" gives
  // "xn--bcher-kva.co.uk". InvalidArgument for what is no name of a domain
  // (common/internet_name.h), and for a public suffix itself, which nobody can register.
  absl::StatusOr<RegistrableName> registrable(std::string_view name) const;

  // Whether two hosts are of the same owner, as browsers see it: with the private section, by which
  // two pages below github.io are strangers. False for what are no names of domains.
  bool same_owner(std::string_view host, std::string_view other) const;

 private:
  struct Free {
    void operator()(psl_ctx_st* list) const;
  };
  using List = std::unique_ptr<psl_ctx_st, Free>;

  explicit PublicSuffixes(List list) : list_(std::move(list)) {}
  bool is_suffix(const char* name, int kinds) const;

  List list_;
};

}  // namespace muster::domains
