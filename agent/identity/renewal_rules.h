// What a renewal decides, apart from what it does: whether a new certificate may take the place of
// the old one, what the collector's answers ask for, and what an operator is told. Pure; any
// thread.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <google/protobuf/timestamp.pb.h>

#include <string>
#include <string_view>

#include "agent/config/config.h"
#include "agent/identity/host_certificate.h"
#include "muster/v1/identity.pb.h"

namespace muster::agent {

// The certificate of a renewal's answer; InvalidArgument where it is too large, for another host,
// or older than `current`, which is in use.
absl::StatusOr<HostCertificate> check_successor(const std::string& pem,
                                                const HostCertificate& current);

// What is posted with an identity (PEM, key and certificate) that has expired.
absl::StatusOr<v1::ReenrolRequest> make_reenrolment(const std::string& identity,
                                                    const std::string& signing_request,
                                                    const std::string& machine_id_hash);

// Whether a report was refused because a newer certificate of this host has reported: a renewal
// tells who is right.
bool is_superseded(const absl::Status& status);

// Whether two texts are the same, where a number is a number.
bool differs_in_numbers_only(std::string_view left, std::string_view right);

// Whether it is a time that a collector's clock may show: between 2000 and 2200.
bool is_plausible(const google::protobuf::Timestamp& time);

// What to do where no collector renews the identity. `host` is its name at the collector, `roots`
// the content of ca.pem; both may be empty.
std::string way_by_token(const Config& config, std::string_view host, const std::string& roots);

}  // namespace muster::agent
