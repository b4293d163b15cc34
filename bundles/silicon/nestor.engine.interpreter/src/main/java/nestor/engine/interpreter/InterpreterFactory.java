// SPDX-License-Identifier: Apache-2.0
package nestor.engine.interpreter;

import nestor.vcpu.Engine;
import nestor.vcpu.EngineFactory;
import nestor.vcpu.Vcpu;
import org.osgi.service.component.annotations.Component;

/** Makes interpreters: the engine that runs on every host and is right about everything. */
@Component(property = "nestor.engine=interpreter")
public final class InterpreterFactory implements EngineFactory {

  @Override
  public String name() {
    return "interpreter";
  }

  @Override
  public String unavailable() {
    return null;
  }

  @Override
  public Engine create(Vcpu vcpu) {
    return new Interpreter(vcpu);
  }
}
