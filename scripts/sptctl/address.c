// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "sptctl.h"
#include "text.h"

/* Longer ones are no address. */
#define ADDRESS_SIZE	INET6_ADDRSTRLEN

static unsigned int all_bits(const struct address *address)
{
	return address->family == AF_INET ? 32 : 128;
}

/* An IPv4 address in the form of an IPv6 one is the IPv4 address. */
static void unmap(struct address *address)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (address->family != AF_INET6 ||
	    memcmp(address->bytes, mapped, sizeof(mapped)))
		return;
	address->family = AF_INET;
	memmove(address->bytes, address->bytes + sizeof(mapped), 4);
}

static bool parse_host(const char *s, size_t length, struct address *address)
{
	char host[ADDRESS_SIZE] = "";

	if (length >= sizeof(host))
		return false;
	memcpy(host, s, length);
	memset(address, 0, sizeof(*address));
	address->family = memchr(host, ':', length) ? AF_INET6 : AF_INET;
	if (inet_pton(address->family, host, address->bytes) != 1)
		return false;
	unmap(address);
	address->prefix = all_bits(address);
	return true;
}

static bool parse_port(const char *s, struct address *address)
{
	__u64 port;

	if (!text_to_number(s, &port) || !port || port > 0xffff)
		return false;
	address->port = port;
	return true;
}

bool address_parse_network(const char *s, struct address *address)
{
	const char *slash = strchrnul(s, '/');
	__u64 prefix;

	if (!parse_host(s, slash - s, address))
		return false;
	if (!*slash)
		return true;
	/* That of an IPv4 address in IPv6 form would count from elsewhere. */
	if (address->family == AF_INET && memchr(s, ':', slash - s))
		return false;
	if (!text_to_number(slash + 1, &prefix) || prefix > all_bits(address))
		return false;
	address->prefix = prefix;
	return true;
}

bool address_parse(const char *s, struct address *address)
{
	const char *end;

	if (*s == '[') {
		end = strchr(s, ']');
		if (!end || !memchr(s, ':', end - s) ||
		    !parse_host(s + 1, end - s - 1, address))
			return false;
		end++;
	} else {
		/* One colon parts a port from an IPv4 address. */
		end = strchrnul(s, ':');
		if (*end && strchr(end + 1, ':'))
			end = strchrnul(end, '\0');
		if (!parse_host(s, end - s, address))
			return false;
	}
	return !*end || (*end == ':' && parse_port(end + 1, address));
}

bool address_matches(const struct address *wanted,
		     const struct address *address)
{
	unsigned int bytes = wanted->prefix / 8, bits = wanted->prefix % 8;
	unsigned char mask = 0xff << (8 - bits);

	if (wanted->family != address->family ||
	    (wanted->port && wanted->port != address->port) ||
	    memcmp(wanted->bytes, address->bytes, bytes))
		return false;
	return !bits ||
	       !((wanted->bytes[bytes] ^ address->bytes[bytes]) & mask);
}
