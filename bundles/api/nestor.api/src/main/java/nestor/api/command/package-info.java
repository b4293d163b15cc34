// SPDX-License-Identifier: Apache-2.0
/**
 * What {@code ./nestor WORD ...} runs: one service a word.
 *
 * <p>A bundle that offers a {@link nestor.api.command.Command} adds a subcommand to the launcher;
 * nothing else has to be told. The launcher starts the framework without a shell, waits for the
 * service of that name, runs it on the main thread and exits with its code.
 */
@Export
@Version("1.0.0")
package nestor.api.command;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
