// What is known of a certificate's revocation, and by whom: what the fields of TlsService say of
// it. A plain value.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <optional>
#include <string>

#include "muster/v1/tls_facts.pb.h"

namespace muster::tls {

struct RevocationAnswer {
  v1::Revocation status = v1::REVOCATION_UNSPECIFIED;
  // "by http://ocsp.example.org/"; why it is unknown. Printable, at most 512 bytes.
  std::string detail = {};
  // Where it was revoked and says when.
  std::optional<google::protobuf::Timestamp> revoked_at = {};
};

}  // namespace muster::tls
