using ChineseClip.Grains.Configuration;
using ChineseClip.Grains.Inference;
using Microsoft.Extensions.Options;

namespace ChineseClip.Grains.Hosting;

/// <summary>With <c>Inference:RequireAccelerator</c> a silo that cannot run its models on it does not start.</summary>
internal sealed class AcceleratorCheck(
    IModelCatalog catalog, IOptions<InferenceOptions> inference, IOptions<ClusterRoleOptions> roles)
    : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(AcceleratorCheck), ServiceLifecycleStage.RuntimeInitialize, StartAsync);

    private Task StartAsync(CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            if (!inference.Value.RequireAccelerator || !SiloRoles.Split(roles.Value.Roles).Contains(SiloRoles.Inference))
            {
                return;
            }

            foreach (string name in catalog.Names)
            {
                catalog.Get(name).CreateTextEncoder().Dispose();    // throws where the accelerator is absent
            }
        },
        cancellationToken);
}
