#include "agent/sync/sync_hint.h"

#include <array>

namespace muster::agent {
namespace {

struct Hint {
  std::string_view words;
  std::string_view hint;
};

constexpr std::string_view kCertificate =
    "its certificate is not of the CA that this host is enrolled with, has expired or is not valid "
    "yet (compare the clocks), or is not for servers; nothing was sent to it";
constexpr std::string_view kEnded =
    "it ended the connection: does it take this host's certificate? See `certificate` in "
    "`muster-agent status`, and the collector's log";

// The words are gRPC's and OpenSSL's, and tests/end_to_end/hostile_server_test.py meets each.
constexpr std::array<Hint, 12> kHints = {{
    {"certificate verify failed", kCertificate},
    // A CA of the right name with another key.
    {"EVP lib", kCertificate},
    {"is not in peer certificate",
     "its certificate is for another name: compare `collectors` in agent.yml with `names` in "
     "collector.yml; nothing was sent to it"},
    {"no application protocol",
     "no collector takes reports there: is this its HTTPS port? `collectors` in agent.yml takes "
     "the port of grpc_listen in collector.yml"},
    {"missing selected ALPN property",
     "no collector takes reports there: `collectors` in agent.yml takes the port of grpc_listen in "
     "collector.yml; nothing was sent to it"},
    {"wrong version number",
     "what listens there does not speak TLS: `collectors` in agent.yml takes the port of "
     "grpc_listen in collector.yml"},
    {"Ssl handshake failed", "it does not speak TLS as a collector does; nothing was sent to it"},
    {"Failed parsing HTTP/2", "what listens there is not a collector; is a proxy between?"},
    {"Socket closed", kEnded},
    {"Connection reset by peer", kEnded},
    {"Broken pipe", kEnded},
    {"Connection refused", "nobody listens there: does the collector run?"},
}};

}  // namespace

std::string_view hint_for(std::string_view message) {
  for (const Hint& one : kHints) {
    if (message.find(one.words) != std::string_view::npos) return one.hint;
  }
  return {};
}

}  // namespace muster::agent
