// Java's key stores JKS and JCEKS, which no C++ library reads. Their layout is that of
// sun.security.provider.JavaKeyStore and com.sun.crypto.provider.JceKeyStore in OpenJDK: numbers
// big-endian, texts as DataOutputStream.writeUTF has them. Certificates stand in them in the clear;
// a SHA-1 over the password and all else comes last. Pure; any thread.
#pragma once

#include <string_view>

#include "agent/probes/certificates/file_content.h"

namespace muster {

// Every certificate with its alias. With passwords the digest is checked, and one that fits none is
// an error beside the certificates. Private keys are only said to be there: they are encrypted in a
// way of Java's own, and what is theirs is the first certificate of their entry.
FileContent read_java_key_store(std::string_view bytes, const Unlocking& unlocking);

}  // namespace muster
