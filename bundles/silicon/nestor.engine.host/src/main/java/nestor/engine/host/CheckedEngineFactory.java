// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import nestor.vcpu.Engine;
import nestor.vcpu.EngineFactory;
import nestor.vcpu.Vcpu;
import org.osgi.service.component.annotations.Component;

/**
 * Makes engines that compare all that translated code does with the shared semantics, and fail at
 * the first difference. Much slower; for whoever doubts the engine {@code host}.
 */
@Component(property = "nestor.engine=host,checked")
public final class CheckedEngineFactory implements EngineFactory {

  @Override
  public String name() {
    return "host,checked";
  }

  @Override
  public String unavailable() {
    return HostFeatures.obstacle();
  }

  /** What another vCPU writes meanwhile would count as a difference. */
  @Override
  public boolean runsInParallel() {
    return false;
  }

  @Override
  public Engine create(Vcpu vcpu) {
    return new HostEngine(vcpu, true);
  }
}
