#include "common/policy/rules/served_words.h"

#include <fmt/format.h>

#include <string_view>

#include "common/policy/rules/tls_words.h"
#include "common/text.h"

namespace muster::policy {
namespace {

constexpr size_t kLongestName = 256;
constexpr size_t kLongestAddress = 64;
constexpr size_t kLongestDetail = 256;

std::string named(const std::string& socket, std::string_view name) {
  return name.empty() ? socket : fmt::format("{}/{}", socket, printable(name, kLongestName));
}

// "nginx.service", "nginx", "a process that could not be seen".
std::string owner_of(const v1::Listener& listener) {
  const v1::SocketOwner& owner = listener.owner();
  if (!owner.unit().empty()) return printable(owner.unit(), kLongestName);
  if (!owner.program().empty()) return printable(owner.program(), kLongestName);
  return "an unknown process";
}

}  // namespace

std::string socket_of(const v1::Listener& listener) {
  const std::string& address = listener.address();
  if (address.empty() || address == "0.0.0.0" || address == "::") {
    return fmt::format("{}", listener.port());
  }
  const bool is_v6 = address.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", is_v6 ? "[" : "", printable(address, kLongestAddress),
                     is_v6 ? "]" : "", listener.port());
}

std::string place_of_socket(const v1::Listener& listener) {
  const std::string socket = socket_of(listener);
  return fmt::format("{} {}{}", owner_of(listener),
                     socket.find(':') == std::string::npos ? ":" : "", socket);
}

std::string because_of(const v1::Listener& listener) {
  const std::string detail = printable(listener.detail(), kLongestDetail);
  return detail.empty() ? "" : ": " + detail;
}

std::string left_alone_in_words(const v1::Listener& listener) {
  const std::string because =
      listener.detail().empty() ? ", as the agent is configured" : because_of(listener);
  return fmt::format("{} is left alone{}", place_of_socket(listener), because);
}

bool is_of_container(const v1::Listener& listener) {
  return !listener.owner().container().empty();
}

std::string out_of_reach_in_words(const v1::Listener& listener) {
  return fmt::format("{} is in {} network that cannot be dialled from the host{}",
                     place_of_socket(listener), is_of_container(listener) ? "its container's" : "a",
                     because_of(listener));
}

std::string place_of(const v1::TlsService& service, const v1::Listener* listener) {
  if (listener == nullptr) {
    return service.address().empty() ? "it" : printable(service.address(), kLongestAddress);
  }
  const std::string place = place_of_socket(*listener);
  return service.server_name().empty()
             ? place
             : fmt::format("{} {}", place, printable(service.server_name(), kLongestName));
}

std::string subject_of(const v1::TlsService& service, const v1::Listener* listener) {
  if (listener == nullptr) return printable(service.address(), kLongestAddress);
  return named(socket_of(*listener), service.server_name());
}

bool is_same_server(const v1::SocketOwner& one, const v1::SocketOwner& other) {
  return one.program() == other.program() && one.executable() == other.executable() &&
         one.unit() == other.unit() && one.container() == other.container();
}

bool is_loopback(const v1::Listener& listener) {
  return listener.address().starts_with("127.") || listener.address() == "::1";
}

std::string name_of(const v1::Certificate& certificate) {
  if (!certificate.common_name().empty()) return printable(certificate.common_name(), 128);
  if (!certificate.subject_alternative_names().empty()) {
    const std::string_view name = certificate.subject_alternative_names(0);
    return printable(name.substr(name.find(':') + 1), 128);
  }
  return certificate.subject().empty() ? "a certificate without a name"
                                       : printable(certificate.subject(), 128);
}

std::string words_of(const v1::TlsService& service) {
  const std::string detail = printable(service.detail(), kLongestDetail);
  std::string words(words_of(service.answer()));
  if (detail.empty()) return words;
  return fmt::format("{} ({})", words, detail);
}

}  // namespace muster::policy
