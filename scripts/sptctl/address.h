/* SPDX-License-Identifier: GPL-2.0 */
/* IP addresses, as people write them and as the device tells them. */
#ifndef SPTCTL_ADDRESS_H
#define SPTCTL_ADDRESS_H

#include <stdbool.h>

/**
 * struct address - an address, and how much of it counts
 * @family: AF_INET or AF_INET6
 * @bytes: in network order
 * @prefix: how many bits of @bytes count
 * @port: 0 if none was given
 */
struct address {
	int family;
	unsigned char bytes[16];
	unsigned int prefix;
	unsigned int port;
};

/* ADDR or ADDR/PREFIX. */
bool address_parse_network(const char *s, struct address *address);

/* ADDR, ADDR:PORT, or with brackets around an IPv6 address. */
bool address_parse(const char *s, struct address *address);

/* Is @address in the network @wanted, at its port if it has one? */
bool address_matches(const struct address *wanted,
		     const struct address *address);

#endif
