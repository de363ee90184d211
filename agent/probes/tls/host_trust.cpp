#include "agent/probes/tls/host_trust.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <utility>

#include "agent/output/status_text.h"
#include "agent/probes/network/inherited_data.h"
#include "agent/probes/network/look_request.h"
#include "agent/sandbox/inherited_files.h"
#include "common/files.h"

namespace muster::tls {
namespace {

using network_probe::kTrustFiles;

absl::StatusOr<std::string> read_bundle(size_t which, size_t before) {
  const int descriptor = agent::kFirstInherited + static_cast<int>(before + which);
  absl::StatusOr<std::string> text =
      ::fcntl(descriptor, F_GETFD) < 0
          ? read_file(std::string(kTrustFiles.at(which)), kLargestBundle)
          : network_probe::read_descriptor(descriptor, kLargestBundle);
  if (text.ok() && text->size() > kLargestBundle)
    return absl::OutOfRangeError(fmt::format("it is larger than {} MiB", kLargestBundle >> 20));
  return text;
}

}  // namespace

TrustStore trust_of_host(size_t before) {
  std::string why;
  for (size_t i = 0; i < kTrustFiles.size(); ++i) {
    absl::StatusOr<std::string> text = read_bundle(i, before);
    if (absl::IsNotFound(text.status()) || (text.ok() && text->empty())) continue;
    absl::StatusOr<TrustStore> store =
        text.ok() ? TrustStore::from_bundle(*std::move(text)) : text.status();
    if (store.ok()) return *std::move(store);
    if (why.empty()) why = fmt::format("{}: {}", kTrustFiles.at(i), agent::text_of(store.status()));
  }
  if (why.empty())
    why = fmt::format("this host has no bundle of authorities: there is no {}",
                      fmt::join(kTrustFiles, ", "));
  return TrustStore::missing(std::move(why));
}

}  // namespace muster::tls
