// One question of Registries, from the name to what is told of it: which server, on its word where
// to go on, and what its answer makes known of itself. Lives as long as its look's coroutine.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/domain/rdap/web_url.h"
#include "agent/probes/domain/registry/registries.h"
#include "agent/probes/domain/registry/web_question.h"
#include "agent/probes/domain/registry/whois_question.h"

namespace muster::domains::registry {

class RegistryQuestion {
 public:
  // All of it outlives this.
  RegistryQuestion(Registries& registries, network_probe::Look& look, RegistrableName name)
      : registries_(registries), look_(look), name_(std::move(name)) {}
  boost::asio::awaitable<RegistryReply> run();

 private:
  // What one server says; `why` as RegistryReply's where it told nothing.
  struct Told {
    Registration registration = {};
    std::string server = {};
    std::string why = {};
    // Whether a question reached it.
    bool was_asked = false;
  };

  // By RDAP (rdap_question.cpp).
  boost::asio::awaitable<RegistryReply> by_rdap(const rdap::Bootstrap& bootstrap,
                                                std::vector<std::string> base_urls);
  // At the last of `asked`, and where it sends us, which is added.
  boost::asio::awaitable<Told> ask_rdap(const rdap::Bootstrap& bootstrap,
                                        std::vector<rdap::WebUrl>& asked);
  Told read_rdap_reply(const rdap::Bootstrap& bootstrap, const std::vector<rdap::WebUrl>& asked,
                       const WebReply& reply);
  boost::asio::awaitable<void> ask_rdap_registrar(const rdap::Bootstrap& bootstrap,
                                                  std::vector<rdap::WebUrl> asked,
                                                  Registration& found);
  boost::asio::awaitable<void> refresh_bootstrap();
  boost::asio::awaitable<void> ask_iana_for_bootstrap();

  // By WHOIS (whois_server_question.cpp).
  boost::asio::awaitable<RegistryReply> by_whois();
  // The server's host, empty where IANA names none; or why that is not known.
  struct WhoisHost {
    std::string host = {};
    std::string why = {};
  };
  boost::asio::awaitable<WhoisHost> find_whois_host(std::string top_level_domain);
  WhoisHost read_iana_record(const std::string& top_level_domain, const std::string& answer);
  boost::asio::awaitable<Told> ask_whois_server(std::string host, std::string question);

  RegistryReply reply_of(const Told& told, v1::RegistryProtocol protocol) const;
  RegistryReply not_told(std::string_view why) const;
  // Why it is not asked now; empty: it may be.
  std::string rest_words(std::string_view host) const;
  std::string leave_alone(const std::string& host, std::string_view retry_after);
  std::chrono::sys_seconds now() const;
  Duration time_for_one() const;

  Registries& registries_;
  network_probe::Look& look_;
  const RegistrableName name_;
};

}  // namespace muster::domains::registry
