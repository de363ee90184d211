#include "agent/probes/tls/path_check.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "agent/probes/tls/verification_handles.h"

namespace muster::tls {
namespace {

X509StackPtr stack_of(const std::vector<X509*>& certificates) {
  X509StackPtr stack(sk_X509_new_null());
  for (X509* certificate : certificates)
    sk_X509_push(stack.get(), certificate);
  return stack;
}

std::string complaint_about(int error, const X509* certificate) {
  const std::string name = certificate == nullptr ? "a certificate" : subject_text(certificate);
  switch (error) {
    case X509_V_ERR_INVALID_CA:
      return fmt::format("{} is not an authority, and has signed another certificate", name);
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
      return fmt::format("{} may not sign certificates by its key usage, and did", name);
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
      return fmt::format("there are more authorities below {} than its path length allows", name);
    case X509_V_ERR_PERMITTED_VIOLATION:
    case X509_V_ERR_EXCLUDED_VIOLATION:
    case X509_V_ERR_SUBTREE_MINMAX:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX:
    case X509_V_ERR_UNSUPPORTED_NAME_SYNTAX:
      return fmt::format("the name constraints of an authority do not let it sign {}: {}", name,
                         X509_verify_cert_error_string(error));
    case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
      return fmt::format("{} has a critical extension that is not known here", name);
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return fmt::format("the signature of {} is wrong", name);
    default:
      return fmt::format("{}: {}", name, X509_verify_cert_error_string(error));
  }
}

// Authorities between leaf and anchor that may sign for something else only (RFC 5280, 4.2.1.12).
std::string complaint_about_purpose(const std::vector<X509*>& path) {
  for (size_t i = 1; i + 1 < path.size(); ++i) {
    if (X509_check_purpose(path[i], X509_PURPOSE_SSL_SERVER, 1) <= 0) {
      return fmt::format("{} is an authority for other purposes than servers",
                         subject_text(path[i]));
    }
  }
  return {};
}

}  // namespace

PathCheck check_path(X509* leaf, const std::vector<X509*>& between,
                     const std::vector<X509*>& anchors) {
  const X509StorePtr empty(X509_STORE_new());
  const X509StackPtr untrusted = stack_of(between);
  const X509StackPtr trusted = stack_of(anchors);
  const X509StoreCtxPtr context(X509_STORE_CTX_new());
  PathCheck check;
  if (X509_STORE_CTX_init(context.get(), empty.get(), leaf, untrusted.get()) != 1) {
    check.complaint = "there is no memory to verify it";
    return check;
  }
  X509_STORE_CTX_set0_trusted_stack(context.get(), trusted.get());
  X509_VERIFY_PARAM* const parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_NO_CHECK_TIME);
  // What is weak is for the rules to judge.
  X509_VERIFY_PARAM_set_auth_level(parameters, 0);
  const bool holds = X509_verify_cert(context.get()) == 1;
  const STACK_OF(X509)* const built = X509_STORE_CTX_get0_chain(context.get());
  for (int i = 0; holds && i < sk_X509_num(built); ++i)
    check.path.push_back(sk_X509_value(built, i));
  check.complaint = holds ? complaint_about_purpose(check.path)
                          : complaint_about(X509_STORE_CTX_get_error(context.get()),
                                            X509_STORE_CTX_get_current_cert(context.get()));
  ERR_clear_error();
  return check;
}

}  // namespace muster::tls
