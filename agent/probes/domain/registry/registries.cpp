#include "agent/probes/domain/registry/registries.h"

#include <fmt/format.h>

#include <utility>

#include "agent/output/status_text.h"
#include "agent/probes/domain/registry/registry_question.h"
#include "common/text.h"

namespace muster::domains::registry {

namespace asio = boost::asio;

Registries::Registries(Parts parts, ServerMemory memory)
    : parts_(std::move(parts)), memory_(std::move(memory)) {}

void Registries::take_memory(ServerMemory memory) {
  memory_ = std::move(memory);
  of_iana_.reset();
}

asio::awaitable<RegistryReply> Registries::ask(network_probe::Look& look, std::string domain) {
  absl::StatusOr<RegistrableName> name = parts_.suffixes.registrable(domain);
  if (!name.ok()) {
    constexpr size_t kLongestWhy = 512;
    co_return RegistryReply{
        .why = printable(fmt::format("failed: {}", agent::text_of(name.status())), kLongestWhy)};
  }
  RegistryQuestion question(*this, look, *std::move(name));
  co_return co_await question.run();
}

}  // namespace muster::domains::registry
