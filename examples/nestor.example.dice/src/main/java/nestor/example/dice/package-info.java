// SPDX-License-Identifier: Apache-2.0
/** The plug-in of the tutorial: a device that exists on no PC, for a machine that is running. */
package nestor.example.dice;
