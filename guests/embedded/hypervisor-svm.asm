; SPDX-License-Identifier: Apache-2.0
; A small hypervisor on AMD SVM with a guest of its own (APM vol. 2, "Secure Virtual Machine"). L1
; prints a greeting, enters L2 under nested paging with an ASID, prints a number after every hundred
; exits, and ends the run with 0 after LAST numbers. L2 reads PAGES pages and executes CPUID, which is
; intercepted, for ever. A flat image for 32-bit protected mode, entered at its first byte. LAST and
; PAGES are given by whoever assembles it.

EXITS_A_LINE = 100
STACK = 0x80000
DIRECTORY = 0x200000
HOST_SAVE = 0x210000
VMCB = 0x211000
NESTED_TABLES = 0x220000
DATA = 0x400000
EXITCODE = VMCB + 0x70
NRIP = VMCB + 0xc8
GUEST_RIP = VMCB + 0x578
CPUID_EXIT = 0x72

        mov esp, STACK
        mov esi, greeting
greet:  lodsb
        test al, al
        je enable
        call put
        jmp greet

; EFER.SVME, and the host-save area.
enable: mov ecx, 0xc0000080
        rdmsr
        or eax, 0x1000
        wrmsr
        mov ecx, 0xc0010117
        mov eax, HOST_SAVE
        xor edx, edx
        wrmsr

; Nested paging needs paging: 4 MiB pages that map everything to itself, for L1 and as nested tables.
        mov edi, DIRECTORY
        mov ebx, NESTED_TABLES
        mov eax, 0x87
        mov ecx, 1024
page:   mov dword ptr [edi], eax
        mov dword ptr [ebx], eax
        add eax, 0x400000
        add edi, 4
        add ebx, 4
        dec ecx
        jne page
        mov eax, DIRECTORY
        mov cr3, eax
        mov eax, 0x10
        mov cr4, eax
        mov eax, cr0
        or eax, 0x80000000
        mov cr0, eax

        mov esi, fields
field:  mov edi, dword ptr [esi]
        cmp edi, -1
        je launch
        mov eax, dword ptr [esi + 4]
        mov dword ptr [edi + VMCB], eax
        add esi, 8
        jmp field
launch: xor ebp, ebp
        jmp again

; L1 after an exit. EBP counts; L2 does not use it.
exited: cmp dword ptr [EXITCODE], CPUID_EXIT
        jne failed
        mov eax, dword ptr [NRIP]
        mov dword ptr [GUEST_RIP], eax
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
again:  mov eax, VMCB
        vmrun
        jmp exited
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

; Offsets and values (APM vol. 2, appendix B, "Layout of VMCB"); all other fields are 0.
fields: .long 0x00c, 0x80040000         ; intercepts: CPUID, shutdown
        .long 0x010, 1                  ; VMRUN
        .long 0x058, 1                  ; ASID
        .long 0x090, 1                  ; nested paging
        .long 0x0b0, NESTED_TABLES
        .long 0x400, 0x0c930010, 0x404, -1      ; ES: selector, attributes, limit
        .long 0x410, 0x0c9b0008, 0x414, -1      ; CS
        .long 0x420, 0x0c930010, 0x424, -1      ; SS
        .long 0x430, 0x0c930010, 0x434, -1      ; DS
        .long 0x4d0, 0x1000             ; EFER: SVME
        .long 0x558, 0x11               ; CR0: PE, ET
        .long 0x560, 0x400              ; DR7
        .long 0x568, 0xffff0ff0         ; DR6
        .long 0x570, 2                  ; RFLAGS
        .long 0x578, guest
        .long 0x5d8, STACK - 0x1000     ; RSP
        .long 0x668, 0x00070406, 0x66c, 0x00070406      ; PAT
        .long -1
