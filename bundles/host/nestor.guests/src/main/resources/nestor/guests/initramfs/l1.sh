# SPDX-License-Identifier: Apache-2.0
# What L1 does in the images "nested" and "nested-qemu": loads KVM, tells what it found, and runs the
# same kernel as L2, with as many vCPUs as L1 has: under QEMU where it is, else under minivmm, or as
# nestor.vmm= on the kernel's command line says. A script meant for the guest becomes L2's; without
# one L2 runs small benchmarks.
vendor=kvm_intel features='^vmx flags'
grep -q -w svm /proc/cpuinfo && vendor=kvm_amd features='^flags'
modprobe $vendor
if [ ! -c /dev/kvm ]; then
  echo "NESTED no KVM: $(dmesg | grep -i kvm | tail -n 1)"
  exit 1
fi
echo "NESTED L1 $(uname -r), $vendor, $(nproc) vCPUs"
# Of AMD's flags those from SVM's own leaf, which the kernel puts last.
echo "NESTED flags:$(grep -m 1 "$features" /proc/cpuinfo | sed 's/.*: / /; s/.* npt / npt /')"
for parameter in ept vpid unrestricted_guest preemption_timer enable_shadow_vmcs pml flexpriority \
  npt nrips vgif vls lbrv; do
  file=/sys/module/$vendor/parameters/$parameter
  [ -f $file ] && echo "NESTED $parameter=$(cat $file)"
done
cd /tmp
if [ -f /nestor.sh ]; then
  cp /nestor.sh nestor.sh
else
  echo 'uname -a; nproc; bench -s 1 sieve sha256 nbody syscall pgfault' >nestor.sh
fi
cp /l2/initrd initrd
echo nestor.sh | cpio -o -H newc >>initrd 2>/dev/null
qemu=qemu-system-x86_64
vmm=minivmm
[ -x /usr/bin/$qemu ] && vmm=qemu
for word in $(cat /proc/cmdline); do
  [ "${word%%=*}" = nestor.vmm ] && vmm=${word#*=}
done
echo "NESTED VMM $vmm"
case $vmm in
  minivmm) minivmm linux /l2/vmlinuz initrd 256 "console=ttyS0 quiet" $(nproc) ;;
  qemu)
    $qemu -nodefaults -nographic -no-reboot -accel kvm -cpu host -smp $(nproc) -m 512 \
      -serial stdio -kernel /l2/vmlinuz -initrd initrd -append "console=ttyS0 quiet" </dev/null
    ;;
  *) echo "there is no VMM $vmm"; false ;;
esac
status=$?
echo "NESTED L2 ended with $status"
[ $status = 0 ]
