// RAII for OpenSSL's C types, its errors as text, and nothing else. Any thread.
#pragma once

#include <absl/status/status.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>

namespace muster {

template <auto Free>
struct OpensslDeleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

using BioPtr = std::unique_ptr<BIO, OpensslDeleter<BIO_free_all>>;
using EvpPkeyPtr = std::unique_ptr<EVP_PKEY, OpensslDeleter<EVP_PKEY_free>>;
using EvpMdCtxPtr = std::unique_ptr<EVP_MD_CTX, OpensslDeleter<EVP_MD_CTX_free>>;
using X509Ptr = std::unique_ptr<X509, OpensslDeleter<X509_free>>;
using X509ReqPtr = std::unique_ptr<X509_REQ, OpensslDeleter<X509_REQ_free>>;
using X509StorePtr = std::unique_ptr<X509_STORE, OpensslDeleter<X509_STORE_free>>;

// Takes OpenSSL's error queue of this thread: "<doing>: <first reason>". Leaves the queue empty.
absl::Status openssl_error(std::string_view doing);

// A BIO that reads `data`, which must outlive it.
BioPtr memory_bio(std::string_view data);

// What was written to a memory BIO.
std::string bio_content(BIO* bio);

}  // namespace muster
