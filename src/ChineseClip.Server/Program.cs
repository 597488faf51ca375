using ChineseClip.Server;
using ChineseClip.Server.Hosting;

try
{
    WebApplication application = ServerHost.Build(args);
    await using (application)
    {
        Uri address = await ServerHost.StartAsync(application);
        await Console.Out.WriteLineAsync($"Serving on {address.AbsoluteUri.TrimEnd('/')}");
        await application.WaitForShutdownAsync();
        return 0;
    }
}
catch (Exception exception) when (StartFailure.Describe(exception) is { } line)
{
    await Console.Error.WriteLineAsync(line);
    return 1;
}
