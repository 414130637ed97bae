// SPDX-License-Identifier: GPL-2.0
/*
 * Signatures: detached PKCS#7 in the form that the kernel verifies for
 * modules (no certificates, no attributes, signer named by its serial number).
 */
#include <stdlib.h>

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "image.h"

static int fail_ssl(const char *what)
{
	unsigned long code = ERR_get_error();
	const char *reason = ERR_reason_error_string(code);

	return fail("%s: %s", what, reason ? reason : "unknown error");
}

static X509 *read_cert(const char *path)
{
	BIO *bio = BIO_new_file(path, "r");
	X509 *cert = NULL;

	if (bio)
		cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	BIO_free(bio);
	return cert;
}

static EVP_PKEY *read_key(const char *path)
{
	BIO *bio = BIO_new_file(path, "r");
	EVP_PKEY *key = NULL;

	if (bio)
		key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	BIO_free(bio);
	return key;
}

int sign_data(const struct blob *data, const char *key_path,
	      const char *cert_path, struct blob *signature)
{
	const unsigned int flags = CMS_NOCERTS | CMS_PARTIAL | CMS_BINARY |
				   CMS_DETACHED | CMS_STREAM;
	CMS_ContentInfo *cms = NULL;
	EVP_PKEY *key = NULL;
	X509 *cert = NULL;
	BIO *bio = NULL;
	int len, ret;

	signature->data = NULL;
	key = read_key(key_path);
	if (!key) {
		ret = fail_ssl(key_path);
		goto out;
	}
	cert = read_cert(cert_path);
	if (!cert) {
		ret = fail_ssl(cert_path);
		goto out;
	}
	bio = BIO_new_mem_buf(data->data, data->len);
	cms = CMS_sign(NULL, NULL, NULL, NULL, flags);
	if (!bio || !cms ||
	    !CMS_add1_signer(cms, cert, key, EVP_sha256(),
			     CMS_NOCERTS | CMS_BINARY | CMS_NOSMIMECAP |
			     CMS_NOATTR) ||
	    CMS_final(cms, bio, NULL, CMS_NOCERTS | CMS_BINARY) != 1) {
		ret = fail_ssl("signing");
		goto out;
	}
	len = i2d_CMS_ContentInfo(cms, &signature->data);
	if (len <= 0) {
		ret = fail_ssl("signing");
		goto out;
	}
	signature->len = len;
	ret = 0;
out:
	CMS_ContentInfo_free(cms);
	BIO_free(bio);
	X509_free(cert);
	EVP_PKEY_free(key);
	return ret;
}

int sign_check(const struct blob *data, const struct blob *signature,
	       const char *cert_path)
{
	const uint8_t *der = signature->data;
	struct stack_st_X509 *certs = NULL;
	CMS_ContentInfo *cms = NULL;
	X509 *cert = NULL;
	BIO *bio = NULL;
	int ret;

	cert = read_cert(cert_path);
	if (!cert) {
		ret = fail_ssl(cert_path);
		goto out;
	}
	cms = d2i_CMS_ContentInfo(NULL, &der, signature->len);
	if (!cms) {
		ret = fail_ssl("signature is not PKCS#7");
		goto out;
	}
	bio = BIO_new_mem_buf(data->data, data->len);
	certs = sk_X509_new_null();
	if (!bio || !certs || !sk_X509_push(certs, cert)) {
		ret = fail("out of memory");
		goto out;
	}
	ret = 0;
	if (CMS_verify(cms, certs, NULL, bio, NULL,
		       CMS_BINARY | CMS_DETACHED | CMS_NOINTERN |
		       CMS_NO_SIGNER_CERT_VERIFY) != 1)
		ret = fail_ssl("signature does not fit");
out:
	sk_X509_free(certs);
	BIO_free(bio);
	CMS_ContentInfo_free(cms);
	X509_free(cert);
	return ret;
}
