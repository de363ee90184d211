#include "agent/probes/tls/certificate_urls.h"

#include <openssl/err.h>

#include <algorithm>

#include "agent/probes/certificates/x509_texts.h"
#include "agent/probes/tls/verification_handles.h"

namespace muster::tls {
namespace {

constexpr size_t kMostUrls = 8;
constexpr size_t kUrlLimit = 1024;

bool is_printable_ascii(char c) {
  return c > ' ' && c <= '~';
}

void add_url(const GENERAL_NAME* name, std::vector<std::string>& urls) {
  if (name == nullptr || name->type != GEN_URI || urls.size() == kMostUrls) return;
  const std::string_view url = content_of(name->d.uniformResourceIdentifier);
  if (url.empty() || url.size() > kUrlLimit) return;
  if (std::all_of(url.begin(), url.end(), is_printable_ascii)) urls.emplace_back(url);
}

std::vector<std::string> access_urls(const X509* certificate, int method) {
  const InfoAccessPtr access(static_cast<AUTHORITY_INFO_ACCESS*>(
      X509_get_ext_d2i(certificate, NID_info_access, nullptr, nullptr)));
  ERR_clear_error();
  std::vector<std::string> urls;
  for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(access.get()); ++i) {
    const ACCESS_DESCRIPTION* entry = sk_ACCESS_DESCRIPTION_value(access.get(), i);
    if (OBJ_obj2nid(entry->method) == method) add_url(entry->location, urls);
  }
  return urls;
}

}  // namespace

std::vector<std::string> urls_of(const GENERAL_NAMES* names) {
  std::vector<std::string> urls;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i)
    add_url(sk_GENERAL_NAME_value(names, i), urls);
  return urls;
}

std::vector<std::string> issuer_urls(const X509* certificate) {
  return access_urls(certificate, NID_ad_ca_issuers);
}

std::vector<std::string> responder_urls(const X509* certificate) {
  return access_urls(certificate, NID_ad_OCSP);
}

std::vector<std::string> list_urls(const X509* certificate) {
  const DistributionPointsPtr points(static_cast<CRL_DIST_POINTS*>(
      X509_get_ext_d2i(certificate, NID_crl_distribution_points, nullptr, nullptr)));
  ERR_clear_error();
  std::vector<std::string> urls;
  for (int i = 0; i < sk_DIST_POINT_num(points.get()) && urls.size() < kMostUrls; ++i) {
    const DIST_POINT* point = sk_DIST_POINT_value(points.get(), i);
    const bool is_whole = point->CRLissuer == nullptr && point->reasons == nullptr;
    if (!is_whole || point->distpoint == nullptr || point->distpoint->type != 0) continue;
    for (const std::string& url : urls_of(point->distpoint->name.fullname)) {
      if (urls.size() < kMostUrls) urls.push_back(url);
    }
  }
  return urls;
}

}  // namespace muster::tls
