// SPDX-License-Identifier: Apache-2.0
/** Shell commands about vCPUs: registers, what happened last, traces, engines. */
package nestor.shell.cpu;
