// How it is said that a file was renewed and its server was not told. Pure; any thread.
#pragma once

#include <string>

#include "common/clock.h"
#include "muster/v1/certificate_facts.pb.h"
#include "muster/v1/listener_facts.pb.h"

namespace muster::policy {

// A sentence that tells ages, and when the first of them reads otherwise.
struct Words {
  std::string text;
  TimePoint change_at;
};

// "/etc/nginx/ssl/shop.pem renewed 2 h ago, nginx still serves the old one, which ends in 3 days:
// reload nginx.service".
Words renewed_in_words(const v1::CertificateFile& renewed, const v1::Certificate& served,
                       const v1::SocketOwner& owner, TimePoint now);

// "nginx", "a process that could not be seen".
std::string program_in_words(const v1::SocketOwner& owner);
// "reload nginx.service"; of a process without a unit: "have nginx load it, which belongs to no
// unit".
std::string what_to_do(const v1::SocketOwner& owner);

}  // namespace muster::policy
