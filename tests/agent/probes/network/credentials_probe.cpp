// A network probe of the tests, of the kind `bmc`: it says what root gave it to whoever answers,
// and in its section whether it had something to say. No real kind needs credentials yet.
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <string>

#include "agent/probes/network/network_probe.h"
#include "agent/probes/probe_program.h"

namespace {

namespace asio = boost::asio;
using muster::network_probe::Dial;
using muster::network_probe::Look;

constexpr muster::probe::Description kDescription = {
    .name = "bmc", .summary = "Of the tests.", .settings = {}};

asio::awaitable<std::optional<muster::v1::Section>> look_at_bmc(Look& look) {
  asio::ip::tcp::socket socket(look.io());
  const asio::ip::address address = look.addresses().front();
  const Dial dial = co_await look.connect(socket, address, look.time_left());
  if (dial.end != Dial::End::kConnected) co_return muster::probe::failed("no connection");
  const muster::agent::Credential* credential = look.credential(address);
  rlimit core{};
  ::getrlimit(RLIMIT_CORE, &core);
  const bool leaves_core = ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0 || core.rlim_max != 0;
  // Those of another address are not its either.
  const bool has_others =
      look.credential(asio::ip::make_address("127.9.0.1")) != nullptr && credential == nullptr;
  if (credential != nullptr) {
    const std::string words =
        fmt::format("{}:{}", credential->username, credential->password.reveal());
    co_await asio::async_write(socket, asio::buffer(words), asio::use_awaitable);
  }
  co_return muster::probe::not_applicable(fmt::format(
      "{}, {}, {}", credential == nullptr ? "nothing to say" : "something to say",
      leaves_core ? "leaves a core" : "leaves no core", has_others ? "others'" : "its own"));
}

}  // namespace

int main(int argc, char** argv) {
  return muster::network_probe::run(argc, argv, kDescription, &look_at_bmc,
                                    muster::network_probe::Needs::kCredentials);
}
