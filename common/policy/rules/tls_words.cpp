#include "common/policy/rules/tls_words.h"

namespace muster::policy {

std::string_view words_of(v1::TlsAnswer answer) {
  switch (answer) {
    case v1::TLS_ANSWER_UNSPECIFIED:
      return "could not be asked";
    case v1::TLS_ANSWER_COMPLETED:
      return "speaks TLS";
    case v1::TLS_ANSWER_CLIENT_CERTIFICATE_WANTED:
      return "wants a certificate of the client";
    case v1::TLS_ANSWER_ALERT:
      return "refuses the handshake with an alert";
    case v1::TLS_ANSWER_NOT_TLS:
      return "speaks no TLS";
    case v1::TLS_ANSWER_NOT_THE_PROTOCOL:
      return "speaks another protocol than the one that STARTTLS belongs to";
    case v1::TLS_ANSWER_NO_STARTTLS:
      return "has no STARTTLS";
    case v1::TLS_ANSWER_CLOSED:
      return "closes the connection during the handshake";
    case v1::TLS_ANSWER_HANDSHAKE_TIMED_OUT:
      return "does not finish the handshake in time";
    case v1::TLS_ANSWER_TOO_LARGE:
      return "sends more than is taken from a server";
    case v1::TLS_ANSWER_REFUSED:
      return "refuses the connection";
    case v1::TLS_ANSWER_CONNECT_TIMED_OUT:
      return "does not answer within the time-out";
    case v1::TLS_ANSWER_UNREACHABLE:
      return "cannot be reached, says the network";
    case v1::TLS_ANSWER_NO_SUCH_NAME:
      return "has no address: there is no such name";
    case v1::TLS_ANSWER_PROXY_REFUSED:
      return "is not reached: the proxy refuses";
    default:
      return "ended the look in a way newer than this collector";
  }
}

bool speaks_tls(v1::TlsAnswer answer) {
  return answer == v1::TLS_ANSWER_COMPLETED || answer == v1::TLS_ANSWER_CLIENT_CERTIFICATE_WANTED;
}

}  // namespace muster::policy
