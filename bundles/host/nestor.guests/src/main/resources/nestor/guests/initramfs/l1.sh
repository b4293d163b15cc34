# SPDX-License-Identifier: Apache-2.0
# What L1 does in the image "nested": loads KVM, tells what it found, and runs the same kernel as L2
# under minivmm. A script meant for the guest becomes L2's; without one L2 runs small benchmarks.
modprobe kvm_intel 2>/dev/null || modprobe kvm_amd 2>/dev/null
module=$(ls -d /sys/module/kvm_intel /sys/module/kvm_amd 2>/dev/null | head -n 1)
if [ ! -c /dev/kvm ]; then
  echo "NESTED no KVM: $(dmesg | grep -i kvm | tail -n 1)"
  exit 1
fi
echo "NESTED L1 $(uname -r), ${module##*/}"
grep -m 1 '^vmx flags' /proc/cpuinfo
for parameter in ept vpid unrestricted_guest preemption_timer npt nrips vgif vnmi; do
  [ -f $module/parameters/$parameter ] && echo "NESTED $parameter=$(cat $module/parameters/$parameter)"
done
cd /tmp
if [ -f /nestor.sh ]; then
  cp /nestor.sh nestor.sh
else
  echo 'uname -a; bench -s 1 sieve sha256 nbody syscall pgfault' >nestor.sh
fi
cp /l2/initrd initrd
echo nestor.sh | cpio -o -H newc >>initrd 2>/dev/null
minivmm linux /l2/vmlinuz initrd 256 "console=ttyS0 quiet nestor.end=reboot"
status=$?
echo "NESTED L2 ended with $status"
[ $status = 0 ]
