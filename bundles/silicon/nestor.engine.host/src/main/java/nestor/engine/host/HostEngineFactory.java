// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import nestor.vcpu.Engine;
import nestor.vcpu.EngineFactory;
import nestor.vcpu.Vcpu;
import org.osgi.service.component.annotations.Component;

/** Makes engines that run translated host code, on x86-64 Linux hosts. */
@Component(property = "nestor.engine=host")
public final class HostEngineFactory implements EngineFactory {

  @Override
  public String name() {
    return "host";
  }

  @Override
  public String unavailable() {
    return HostFeatures.obstacle();
  }

  @Override
  public Engine create(Vcpu vcpu) {
    return new HostEngine(vcpu, false);
  }
}
