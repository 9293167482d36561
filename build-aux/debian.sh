# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash

# Sourced by ./run and ./test: what they need of Debian 12, and how it gets there.

# To build and use the service. glib-networking is TLS, docutils makes the man pages.
build_packages=(
  ca-certificates dbus-bin dbus-daemon gcc gettext glib-networking libc6-dev libcurl3-gnutls libcurl4-gnutls-dev
  libglib2.0-bin libglib2.0-dev libjson-glib-dev libmm-glib-dev libnm-dev libsecret-1-dev libsoup-3.0-dev
  libsqlite3-dev meson nettle-dev ninja-build pkg-config python3 python3-docutils
)

# To test it, in addition. libgcc-12-dev has the sanitizers; systemd checks the units and need not run.
test_packages=(
  bubblewrap clang-format desktop-file-utils gdb gir1.2-umockdev-1.0 gnome-keyring iproute2 libgcc-12-dev
  libsecret-1-0 microsocks mount network-manager nginx-light openssl python3-dbusmock python3-gi python3-pytest strace
  systemd tinyproxy-bin umockdev upower util-linux vsftpd
)

say () {
  printf '==> %s\n' "$*"
}

as_root () {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "Neither root nor sudo: cannot install packages. As root: apt-get install $missing" >&2
    return 1
  fi
}

# need_packages PACKAGE...: installs those that are not there. A server among them (nginx) must not begin to serve
# this machine because a test wants its binary: policy-rc.d says no for as long as the installation takes.
need_packages () {
  local package policy=/usr/sbin/policy-rc.d status=0
  missing=
  for package in "$@"; do
    if ! dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q ' ok installed$'; then
      missing="$missing $package"
    fi
  done
  if [ -z "$missing" ]; then
    return 0
  fi
  say "Installing$missing"
  as_root apt-get update -q >/dev/null
  if [ -e "$policy" ]; then
    policy=
  else
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
  fi
  # shellcheck disable=SC2086 # a list of words
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >/dev/null ||
    status=$?
  if [ -n "$policy" ]; then
    as_root rm -f "$policy"
  fi
  return "$status"
}

# configure FOLDER MESON-ARGUMENT...: a build folder with just these options, whether it is there already or not.
configure () {
  local folder=$1
  shift
  if [ -e "$folder/build.ninja" ]; then
    meson setup --reconfigure "$folder" "$@" >"$folder.log" 2>&1 || { cat "$folder.log"; return 1; }
  else
    meson setup "$folder" "$@" >"$folder.log" 2>&1 || { cat "$folder.log"; return 1; }
  fi
}
