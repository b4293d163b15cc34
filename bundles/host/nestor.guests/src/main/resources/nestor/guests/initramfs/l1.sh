# SPDX-License-Identifier: Apache-2.0
# What L1 does in the images "nested" and "nested-qemu": loads KVM, tells what it found, and runs the
# same kernel as L2, with as many vCPUs as L1 has: under QEMU where it is, else under minivmm, or as
# nestor.vmm= on the kernel's command line says. A script meant for the guest becomes L2's; without
# one L2 runs small benchmarks. With nestor.script=l1 the script is L1's own, which may call l2.
# With nestor.l3=yes L2 gets the modules of KVM, too, and can be a hypervisor's host itself.
option() { # option NAME DEFAULT: the value of nestor.NAME= on the command line
  value=$2
  for word in $(cat /proc/cmdline); do
    [ "${word%%=*}" = nestor.$1 ] && value=${word#*=}
  done
  echo "$value"
}

l2() { # l2 FILE: runs L2, and the script FILE in it
  (
    cd /tmp
    cp /l2/initrd initrd
    cp "$1" nestor.sh
    echo nestor.sh | cpio -o -H newc >>initrd 2>/dev/null
    [ $(option l3 no) = no ] ||
      (cd / && (echo lib; find lib/modules) | cpio -o -H newc >>/tmp/initrd 2>/dev/null)
  )
  echo "NESTED VMM $vmm"
  case $vmm in
    minivmm) minivmm linux /l2/vmlinuz /tmp/initrd 256 "console=ttyS0 quiet" $(nproc) ;;
    qemu)
      $qemu -nodefaults -nographic -no-reboot -accel kvm -cpu host -smp $(nproc) -m 512 \
        -serial stdio -kernel /l2/vmlinuz -initrd /tmp/initrd -append "console=ttyS0 quiet" \
        </dev/null
      ;;
    *) echo "there is no VMM $vmm"; false ;;
  esac
  status=$?
  echo "NESTED L2 ended with $status"
  [ $status = 0 ]
}

qemu=qemu-system-x86_64
vmm=minivmm
[ -x /usr/bin/$qemu ] && vmm=qemu
vmm=$(option vmm $vmm)
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
if [ ! -f /nestor.sh ]; then
  echo 'uname -a; nproc; bench -s 1 sieve sha256 nbody syscall pgfault' >default.sh
  l2 default.sh
elif [ $(option script l2) = l1 ]; then
  . /nestor.sh
else
  l2 /nestor.sh
fi
