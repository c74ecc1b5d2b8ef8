# SPDX-License-Identifier: GPL-2.0
# See README.md.  "make" and "make install" are for a target server; the rest
# installs what it needs from Debian and runs in QEMU.

# Build and install for another kernel than the running one.
KVER	?= $(shell uname -r)
KDIR	?= /lib/modules/$(KVER)/build
PREFIX	?= /usr/local
KERNEL	?= 6.12

all: module sptctl

module:
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

sptctl:
	$(MAKE) -C scripts/sptctl

# Kbuild leaves out depmod, as Debian's headers have no System.map.
install: all
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules_install
	depmod -b "$(INSTALL_MOD_PATH)/" $(KVER)
	$(MAKE) -C scripts/sptctl install PREFIX=$(PREFIX)

# Kbuild puts modules that are not its kernel's into updates, that of 6.1 into extra.
uninstall:
	$(RM) $(foreach folder,extra updates,\
		"$(INSTALL_MOD_PATH)"/lib/modules/$(KVER)/$(folder)/iscsitgt_spt.ko*)
	depmod -b "$(INSTALL_MOD_PATH)/" $(KVER)
	$(MAKE) -C scripts/sptctl uninstall PREFIX=$(PREFIX)

deb:
	scripts/deb

clean:
	$(MAKE) -C $(KDIR) M=$(CURDIR) clean
	$(RM) -r build/sptctl

demo:
	scripts/demo/run $(KERNEL)

test:
	scripts/tests/run

stress:
	scripts/tests/run stress faults --percent 100

bench:
	scripts/bench/run $(KERNEL)

check:
	@scripts/check

.PHONY: all module sptctl install uninstall deb clean demo test stress bench check
