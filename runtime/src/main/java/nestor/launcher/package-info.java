// SPDX-License-Identifier: Apache-2.0
/**
 * Starts the OSGi framework with the bundles that the feature files list, and runs one command.
 *
 * <p>{@link nestor.launcher.Main} is what the script {@code nestor} starts. Tests in the framework
 * start the same way through {@link nestor.launcher.NestorFramework}, so that product and tests
 * cannot differ.
 *
 * <p>Bundles on the launcher's own class path whose names start with {@code nestor.} or {@code
 * org.osgi.service.} are not installed: the system bundle exports their packages instead. So the
 * launcher, and a test, can use their types directly. For the product this is {@code nestor.api}.
 */
package nestor.launcher;
