#!/bin/sh
# Makes .venv-aarch64, an environment of 64-bit ARM on another machine: Debian 12's Python (its C library is that of the
# committed hashes), unpacked and never installed, and the wheels that constraints.txt pins. Its bin/python is that
# Python under qemu's emulation of user processes; as it is a script, processes that tests start are emulated too.
set -eu
cd "$(dirname "$0")/../.."
python=${1:-python3} # whose pip downloads
home=$PWD/.venv-aarch64
sysroot=$home/sysroot

qemu=$(command -v qemu-aarch64 || command -v qemu-aarch64-static || true)
unpack=$(command -v mmdebstrap || true)
if [ -z "$qemu" ] || [ -z "$unpack" ]; then
    echo "aarch64-check needs qemu-aarch64 and mmdebstrap, on Debian and Ubuntu:" >&2
    echo "    apt-get install qemu-user mmdebstrap debian-archive-keyring" >&2
    echo "On a 64-bit ARM machine it is needless: make test" >&2
    exit 1
fi

rm -rf "$home"
mkdir -p "$home/bin"
"$unpack" --quiet --variant=extract --architectures=arm64 --include=python3.11,libstdc++6 bookworm "$sysroot"
cat >"$home/bin/python" <<SCRIPT
#!/bin/sh
exec "$qemu" -0 "\$0" -L "$sysroot" "$sysroot/usr/bin/python3.11" "\$@"
SCRIPT
chmod +x "$home/bin/python"
printf "home = %s\ninclude-system-site-packages = false\n" "$sysroot/usr/bin" >"$home/pyvenv.cfg"

platforms=""
for glibc in 2014 _2_17 _2_26 _2_27 _2_28 _2_34; do
    platforms="$platforms --platform manylinux${glibc}_aarch64"
done
# shellcheck disable=SC2086 # a list of options
"$python" -m pip install --quiet --target "$home/lib/python3.11/site-packages" -c constraints.txt \
    --python-version 3.11 --implementation cp --abi cp311 --abi abi3 --abi none --only-binary=:all: $platforms \
    numpy numba scipy ml_dtypes rich pytest mpmath
touch "$home/.installed"
