#include "agent/probes/domain/names/public_suffixes.h"

#include <fmt/format.h>
#include <libpsl.h>

#include <cstdio>
#include <utility>

#include "common/internet_name.h"

namespace muster::domains {
namespace {

constexpr size_t kLargestList = 4 << 20;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// From the last dot on to the front, so that the longest suffix is met last.
size_t label_before(std::string_view name, size_t start) {
  if (start < 2) return std::string_view::npos;
  const size_t dot = name.rfind('.', start - 2);
  return dot == std::string_view::npos ? 0 : dot + 1;
}

}  // namespace

void PublicSuffixes::Free::operator()(psl_ctx_st* list) const {
  psl_free(list);
}

absl::StatusOr<PublicSuffixes> PublicSuffixes::of_this_system() {
  List list(psl_latest(nullptr));
  if (list == nullptr) return absl::InternalError("there is no Public Suffix List on this system");
  return PublicSuffixes(std::move(list));
}

absl::StatusOr<PublicSuffixes> PublicSuffixes::parse(std::string_view list) {
  if (list.size() > kLargestList) {
    return absl::InvalidArgumentError("the Public Suffix List is larger than 4 MiB");
  }
  // libpsl reads everything behind it as well, where the text of the section is missing.
  if (list.find("===BEGIN ICANN DOMAINS===") == std::string_view::npos) {
    return absl::InvalidArgumentError(
        "it is no Public Suffix List: it has no section of registries");
  }
  const std::string text(list);
  // fmemopen(3) only reads with this mode.
  const std::unique_ptr<std::FILE, CloseFile> file(
      fmemopen(const_cast<char*>(text.data()), text.size(), "r"));
  if (file == nullptr) return absl::InternalError("no memory for the Public Suffix List");
  List parsed(psl_load_fp(file.get()));
  if (parsed == nullptr || psl_suffix_count(parsed.get()) <= 0) {
    return absl::InvalidArgumentError("the Public Suffix List has no rule");
  }
  return PublicSuffixes(std::move(parsed));
}

bool PublicSuffixes::is_suffix(const char* name, int kinds) const {
  return psl_is_public_suffix2(list_.get(), name, kinds) == 1;
}

absl::StatusOr<RegistrableName> PublicSuffixes::registrable(std::string_view written) const {
  absl::StatusOr<std::string> name = to_internet_name(written);
  if (!name.ok()) return name.status();
  // The last label is a suffix in any case: by a rule, or by the list's own "*".
  size_t suffix = name->rfind('.') + 1;
  bool listed = is_suffix(name->c_str() + suffix, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE);
  for (size_t start = label_before(*name, suffix); start != std::string::npos;
       start = label_before(*name, start)) {
    if (is_suffix(name->c_str() + start, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE)) {
      suffix = start;
      listed = true;
    }
  }
  if (suffix == 0) {
    return absl::InvalidArgumentError(
        fmt::format("'{}' is a public suffix: names are registered below it", *name));
  }
  return RegistrableName{.name = name->substr(label_before(*name, suffix)),
                         .public_suffix = name->substr(suffix),
                         .suffix_is_listed = listed};
}

bool PublicSuffixes::same_owner(std::string_view host, std::string_view other) const {
  const absl::StatusOr<std::string> a = to_internet_name(host);
  const absl::StatusOr<std::string> b = to_internet_name(other);
  if (!a.ok() || !b.ok()) return false;
  // Both point into their names; null for a public suffix.
  const char* const owner_a = psl_registrable_domain(list_.get(), a->c_str());
  const char* const owner_b = psl_registrable_domain(list_.get(), b->c_str());
  return owner_a != nullptr && owner_b != nullptr &&
         std::string_view(owner_a) == std::string_view(owner_b);
}

}  // namespace muster::domains
