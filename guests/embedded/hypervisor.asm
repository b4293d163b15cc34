; SPDX-License-Identifier: Apache-2.0
; A small hypervisor on Intel VMX with a guest of its own (SDM vol. 3C). L1 prints a greeting, enters
; L2 under EPT and VPID, prints a number after every hundred exits, and ends the run with 0 after
; LAST numbers. L2 reads PAGES pages and executes CPUID, which exits, for ever. A flat image for
; 32-bit protected mode, entered at its first byte. LAST and PAGES are given by whoever assembles it.

EXITS_A_LINE = 100
STACK = 0x80000
DIRECTORY = 0x200000
VMXON_REGION = 0x210000
VMCS_REGION = 0x211000
EPT_TABLES = 0x220000
DATA = 0x400000
GUEST_RIP = 0x681e
EXIT_REASON = 0x4402
HOST_CR0 = 0x6c00
CPUID_EXIT = 10

        mov esp, STACK
        mov esi, greeting
greet:  lodsb
        test al, al
        je lock_it
        call put
        jmp greet

; IA32_FEATURE_CONTROL: locked, with VMX outside SMX.
lock_it: mov ecx, 0x3a
        rdmsr
        test al, 1
        jne tables
        or eax, 5
        wrmsr

; VMX operation needs paging: 4 MiB pages that map everything to itself; the same as EPT, in 2 MiB.
tables: mov edi, DIRECTORY
        mov eax, 0x83
        mov ecx, 1024
page:   mov dword ptr [edi], eax
        add eax, 0x400000
        add edi, 4
        dec ecx
        jne page
        mov dword ptr [EPT_TABLES], EPT_TABLES + 0x1007
        mov dword ptr [EPT_TABLES + 0x1000], EPT_TABLES + 0x2007
        mov edi, EPT_TABLES + 0x2000
        mov eax, 0xb7
        mov ecx, 8
large:  mov dword ptr [edi], eax
        add eax, 0x200000
        add edi, 8
        dec ecx
        jne large
        mov eax, DIRECTORY
        mov cr3, eax
        mov eax, 0x2010
        mov cr4, eax
        mov eax, cr0
        or eax, 0x80000020
        mov cr0, eax

; The revision identifier heads both regions.
        mov ecx, 0x480
        rdmsr
        mov dword ptr [VMXON_REGION], eax
        mov dword ptr [VMCS_REGION], eax
        vmxon qword ptr [vmxon_pointer]
        vmclear qword ptr [vmcs_pointer]
        vmptrld qword ptr [vmcs_pointer]

        mov esi, fields
field:  mov eax, dword ptr [esi]
        cmp eax, -1
        je launch
        mov edx, dword ptr [esi + 4]
        vmwrite eax, edx
        add esi, 8
        jmp field
launch: mov eax, HOST_CR0
        mov edx, cr0
        vmwrite eax, edx
        xor ebp, ebp
        vmlaunch
        jmp failed

; L1 after an exit. EBP counts; L2 does not use it.
exited: mov eax, EXIT_REASON
        vmread edx, eax
        cmp edx, CPUID_EXIT
        jne failed
        mov eax, GUEST_RIP
        vmread edx, eax
        add edx, 2
        vmwrite eax, edx
        inc ebp
        mov eax, ebp
        xor edx, edx
        mov ebx, EXITS_A_LINE
        div ebx
        test edx, edx
        jne again
        call number
        cmp ebp, LAST * EXITS_A_LINE
        jae done
again:  vmresume
failed: mov eax, 1
        out 0xf4, eax
done:   xor eax, eax
        out 0xf4, eax
halt:   hlt
        jmp halt

; L2.
guest:  mov ecx, PAGES
        mov esi, DATA
touch:  mov al, byte ptr [esi]
        add esi, 0x1000
        dec ecx
        jne touch
        cpuid
        jmp guest

; Prints EAX and a new line.
number: xor ecx, ecx
        mov edi, 10
digit:  xor edx, edx
        div edi
        add edx, '0'
        push edx
        inc ecx
        test eax, eax
        jne digit
emit:   pop eax
        call put
        dec ecx
        jne emit
        mov al, 10

; Sends AL once the port can take it.
put:    push eax
        mov dx, 0x3fd
wait:   in al, dx
        test al, 0x20
        je wait
        pop eax
        mov dx, 0x3f8
        out dx, al
        ret

greeting: .asciz "A hypervisor of Nestor. Its guest exits.\n"
        .align 8
vmxon_pointer: .quad VMXON_REGION
vmcs_pointer: .quad VMCS_REGION

; Encodings and values (SDM vol. 3D, "Field Encoding in VMCS"); all other fields are 0.
fields: .long 0x4000, 0x16              ; pin-based controls: as they must be
        .long 0x4002, 0x8401e172        ; primary: secondary controls
        .long 0x401e, 0xa2              ; secondary: EPT, VPID, unrestricted guest
        .long 0x400c, 0x36dff           ; exit and entry controls: as by default
        .long 0x4012, 0x11ff
        .long 0x0000, 1                 ; VPID
        .long 0x201a, EPT_TABLES + 0x1e ; EPTP: four levels, write-back
        .long 0x2800, -1                ; no linked VMCS
        .long 0x2801, -1
        .long 0x6800, 0x31              ; guest CR0: PE, ET, NE
        .long 0x6804, 0x2000            ; guest CR4: VMXE
        .long 0x681a, 0x400             ; DR7
        .long 0x6820, 2                 ; RFLAGS
        .long 0x681c, STACK - 0x1000    ; RSP
        .long GUEST_RIP, guest
        .long 0x0800, 16, 0x0802, 8, 0x0804, 16, 0x0806, 16, 0x0808, 16, 0x080a, 16, 0x080e, 24
        .long 0x4800, -1, 0x4802, -1, 0x4804, -1, 0x4806, -1, 0x4808, -1, 0x480a, -1, 0x480e, 0x67
        .long 0x4814, 0xc093, 0x4816, 0xc09b, 0x4818, 0xc093, 0x481a, 0xc093
        .long 0x481c, 0xc093, 0x481e, 0xc093, 0x4820, 0x10000, 0x4822, 0x8b
        .long 0x0c00, 16, 0x0c02, 8, 0x0c04, 16, 0x0c06, 16, 0x0c08, 16, 0x0c0a, 16, 0x0c0c, 24
        .long 0x6c02, DIRECTORY, 0x6c04, 0x2010, 0x6c14, STACK, 0x6c16, exited
        .long -1
