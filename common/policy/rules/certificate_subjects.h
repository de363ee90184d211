// The certificates of a host as subjects, for the rules about certificates.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "common/policy/rules.h"
#include "muster/v1/certificate_facts.pb.h"

namespace muster::policy {

// The probe that looks for them.
inline constexpr std::string_view kCertificateProbe = "certificates";

// One certificate with readable dates.
struct DatedCertificate {
  // "/etc/nginx/web.pem", "/etc/nginx/web.pem#2" for the second in that file.
  std::string subject;
  // The common name, else the path: for a sentence.
  std::string name;
  TimePoint not_before;
  TimePoint not_after;
};

// What the certificate at that place of the file is called, from 0: by its name in the file, where
// entries have names there: "/etc/app.jks#tomcat", then "/etc/app.jks#tomcat#2" for the next of
// that name, which is the rest of its chain.
std::string subject_of_certificate(const v1::CertificateFile& file, int position);
// The same of a revocation list, or of what could not be read: "/etc/ca.crl", "/etc/ca.crl#2".
std::string subject_of_place(const v1::CertificateFile& file, int position);

// Whether it has revocation lists and nothing else: what is wrong with it is a matter of
// revocation_lists_current alone.
bool is_of_lists(const v1::CertificateFile& file);

using JudgeCertificate = std::function<Judgement(const DatedCertificate&)>;

struct CertificateCounts {
  size_t judged = 0;
  // Files, directories and certificates of which nothing can be told.
  size_t unreadable = 0;
  // The earliest end of those that were judged.
  TimePoint first_end = TimePoint::max();
};

// Runs `judge` on every certificate; what could not be read is an unknown subject of its own. Not
// applicable where there is no certificate.
RuleOutput judge_certificates(const RuleInput& input, CertificateCounts& counts,
                              const JudgeCertificate& judge);

// "1 certificate", "3 certificates".
std::string count_certificates(size_t count);

// The summary with what could not be read: before it, since that is why the verdict is unknown, or
// behind what is worse.
std::string with_unreadable(std::string summary, const CertificateCounts& counts, bool behind);

}  // namespace muster::policy
