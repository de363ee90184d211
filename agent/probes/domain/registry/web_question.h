// One GET to a server of the web, and its answer: within a look's rules, time and pace, verified
// where it is https, no redirect followed and no more taken than is said. Coroutine of the look's
// io_context.
#pragma once

#include <absl/status/statusor.h>

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "agent/probes/domain/rdap/web_url.h"
#include "agent/probes/network/look.h"

namespace muster::domains::registry {

inline constexpr size_t kLargestWebHeader = size_t{16} << 10;
inline constexpr size_t kLargestWebBody = size_t{1} << 20;

// The authorities that are believed, decoded once. One thread.
class WebTrust {
 public:
  // InvalidArgument where there is no certificate in it.
  static absl::StatusOr<WebTrust> from_bundle(std::string_view pem);
  // Of a host that has none: nobody is believed, for this reason.
  static WebTrust missing(std::string why);
  WebTrust(WebTrust&&) noexcept;
  WebTrust& operator=(WebTrust&&) noexcept;
  ~WebTrust();

  struct Context;
  // Null where there is none.
  Context* context() const { return context_.get(); }
  const std::string& missing_why() const { return missing_why_; }

 private:
  WebTrust();
  std::unique_ptr<Context> context_;
  std::string missing_why_;
};

struct WebQuestion {
  rdap::WebUrl url;
  std::string accept;
  // Of the addresses that its host leads to, those that the caller lets.
  network_probe::Look::Wanted wanted;
  // Asked once it is connected, before the first byte: another look may have been told meanwhile
  // that nobody shall ask.
  std::function<bool()> still_wanted;
  Duration at_most{0};
};

struct WebReply {
  int status = 0;
  std::string content_type = {};
  std::string location = {};
  std::string retry_after = {};
  std::string body = {};
  // "rdap.example.net did not answer in time", printable. Empty: there is an answer.
  std::string failure = {};
  // False: it was not reached, and so not asked.
  bool connected = false;
};

boost::asio::awaitable<WebReply> ask_web(network_probe::Look& look, WebQuestion question,
                                         const WebTrust& trust);

}  // namespace muster::domains::registry
